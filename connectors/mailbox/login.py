"""`replyby login`: a person lets replyby into a mailbox whose provider wants tokens."""

from __future__ import annotations

import argparse
import sys
import time
from datetime import timedelta

from connectors.mailbox import smtp
from connectors.mailbox.imap.connection import tls_context
from connectors.mailbox.imap.session import Session
from connectors.mailbox.settings import EmailSettings, parse_server
from connectors.mailbox.sign_in import Bearer, client_of
from connectors.oauth import browser, device
from connectors.oauth.grant import Client
from connectors.oauth.tokens import Tokens, TokenStore, token_store
from monitor.command import Shell
from monitor.duration import format_duration
from monitor.errors import AuthError, ConnectorError, UsageError

_BROWSER_PATIENCE = timedelta(minutes=15)


class LoginCommand:
    """The entry point `login`."""

    help = (
        "Let replyby into a mailbox whose provider wants tokens instead of a password: Gmail,\n"
        "Microsoft 365, or any server with OAuth. Once for each account: the tokens are renewed\n"
        "by themselves. `replyby accounts` says when it has to be done again; doing it once too\n"
        "often does no harm.\n\n"
        "Before: register replyby with the provider as a desktop or public client (the README\n"
        "says where), and give the account in config.toml\n\n"
        '  auth = "oauth"\n'
        "  [accounts.oauth]\n"
        '  provider = "google"            # or "microsoft"\n'
        '  client_id = "…"\n'
        '  client_secret = "env:NAME"     # Google wants it; a public client elsewhere has none\n\n'
        "By device you type a short code into any browser, on whichever machine. By browser you\n"
        "open an address whose last step comes back to this machine; if the browser runs on\n"
        "another one, say --port 8400 here and `ssh -L 8400:127.0.0.1:8400 THIS-MACHINE` there.\n"
        "Google gives access to mail by browser only."
    )

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("account", help="its name in config.toml")
        way = parser.add_mutually_exclusive_group()
        way.add_argument("--device", action="store_true", help="type a code in any browser")
        way.add_argument("--browser", action="store_true", help="with a browser on this machine")
        parser.add_argument(
            "--port", type=int, default=0, help="where the browser comes back (else any free port)"
        )

    def run(self, args: argparse.Namespace, shell: Shell) -> int:
        settings = _settings(args.account, shell)
        client = client_of(settings)
        by_device = _by_device(client, args)
        try:
            store = _writable(settings)
            get = _from_device if by_device else _from_browser
            tokens = get(client, args.port, shell)
            return _keep(settings, tokens, store, shell)
        except ConnectorError as error:
            shell.complain(f"replyby: {error}")
            if error.remedy:
                shell.complain(f"what to do: {error.remedy}")
            return 1


def _settings(name: str, shell: Shell) -> EmailSettings:
    settings = shell.config.account(name)
    if not isinstance(settings, EmailSettings):
        raise UsageError(f"'{name}' is no e-mail account: nothing to sign in to here")
    if settings.oauth is None:
        raise UsageError(
            f"'{name}' signs in by its password, which config.toml refers to: there is nothing to "
            "do; set auth = 'oauth' if its provider wants tokens"
        )
    return settings


def _by_device(client: Client, args: argparse.Namespace) -> bool:
    """As asked, else by device where the provider can: that needs no browser on this machine."""
    provider = client.provider
    if args.device and not provider.device_url:
        raise UsageError("this provider has no device code for mail; use --browser")
    by_device = bool(provider.device_url) and not args.browser
    if not by_device and not provider.authorization_url:
        raise UsageError("the account has neither a device_url nor an authorization_url")
    return by_device


def _writable(settings: EmailSettings) -> TokenStore:
    """The place for the tokens, tried before anybody takes trouble."""
    assert settings.oauth
    store = token_store(settings.oauth.tokens)
    with store.locked():
        return store


def _from_device(client: Client, port: int, shell: Shell) -> Tokens:
    clock = shell.house.clock
    code = device.begin(client, clock())
    left = format_duration(code.ends - clock())
    shell.say("Open this address in any browser, and type the code there:\n")
    shell.say(f"    {code.address}\n    {code.user_code}\n")
    shell.say(f"Waiting until you have agreed; the code ends in {left}, Ctrl-C stops …")
    sys.stdout.flush()
    progress = Progress()
    try:
        return device.finish(client, code, clock, time.sleep, progress.show)
    finally:
        progress.clear()


def _from_browser(client: Client, port: int, shell: Shell) -> Tokens:
    with browser.listening(client, port) as attempt:
        shell.say("Open this address in a browser on this machine:\n")
        shell.say(f"    {attempt.address}\n")
        shell.say(f"Waiting for it to come back to {attempt.redirect}; Ctrl-C stops …")
        sys.stdout.flush()
        return browser.finish(client, attempt, shell.house.clock, _BROWSER_PATIENCE)


class Progress:
    """A line that is written over, on a terminal only."""

    def show(self, left: timedelta) -> None:
        if sys.stderr.isatty():
            seconds = max(int(left.total_seconds()), 0)
            sys.stderr.write(f"\rstill waiting, {seconds // 60}:{seconds % 60:02} left\x1b[K")
            sys.stderr.flush()

    def clear(self) -> None:
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")


def _keep(settings: EmailSettings, tokens: Tokens, store: TokenStore, shell: Shell) -> int:
    """Keep the tokens unless the mailbox refuses them: those of before may be the right ones."""
    if not tokens.refresh:
        raise AuthError(
            "the provider gave nothing to renew the sign-in with; nothing was kept",
            remedy="add the scope for it (mostly offline_access) to `scopes`",
        )
    problem = _problem_reading(settings, tokens)
    with store.locked():
        store.save(tokens)
    shell.say(f"The tokens are kept in {store.where}.")
    problem = problem or _problem_sending(settings, tokens)
    if problem:
        shell.complain(f"replyby: {problem}")
        return 1
    name = settings.name
    shell.say(f"Signed in: '{name}' can be read and answered. `replyby poll` fetches its mail now.")
    return 0


def _problem_reading(settings: EmailSettings, tokens: Tokens) -> str:
    """What keeps the mailbox from being read, "" where nothing does; AuthError where it refuses."""
    session = None
    try:
        session = Session(parse_server(settings.imap), settings.ca, settings.timeout)
        session.sign_in(Bearer(settings.user, tokens.access))
    except AuthError as error:
        remedy = f"sign in as {settings.user}, and allow programs into the mailbox (IMAP)"
        raise AuthError(f"{error}; nothing was kept", remedy=remedy) from None
    except ConnectorError as error:
        return f"the mailbox could not be tried: {error}"
    finally:
        if session:
            session.close()
    return ""


def _problem_sending(settings: EmailSettings, tokens: Tokens) -> str:
    if settings.smtp_password:
        return ""
    user = settings.smtp_username or settings.user
    bearer = Bearer(user, tokens.access)
    try:
        server = parse_server(settings.smtp)
        smtp.try_out(server, tls_context(settings.ca), settings.timeout, bearer)
    except ConnectorError as error:
        return f"reading works, sending does not: {error}"
    return ""
