"""`replyby login`: a person lets replyby into an account that is opened by tokens."""

from __future__ import annotations

import argparse
import sys
import time
from datetime import timedelta
from typing import Protocol, runtime_checkable

from connectors.oauth import browser, device
from connectors.oauth.grant import Client
from connectors.oauth.tokens import Tokens, TokenStore, token_store
from monitor.command import Shell
from monitor.config import AccountSettings
from monitor.duration import format_duration
from monitor.errors import AuthError, ConnectorError, UsageError
from monitor.plugins import channels
from monitor.secret import Secret

_BROWSER_PATIENCE = timedelta(minutes=15)


class TokenAccount(Protocol):
    """An account that is opened by tokens, as the channel knows it."""

    client: Client
    place: Secret

    def problem_reading(self, tokens: Tokens) -> str:
        """What keeps it from being read, "" where nothing does; AuthError where it refuses."""

    def problem_sending(self, tokens: Tokens) -> str:
        """What keeps it from being answered, "" where nothing does."""


@runtime_checkable
class TokenChannel(Protocol):
    """A channel some of whose accounts are opened by tokens."""

    def token_account(self, settings: AccountSettings) -> TokenAccount:
        """The account; UsageError says why there is nothing to sign in to."""


class LoginCommand:
    """The entry point `login`."""

    help = (
        "Let replyby into an account that wants tokens, not a password: Gmail, Microsoft 365,\n"
        "any mail server with OAuth, X. Once for each account: the tokens are renewed by\n"
        "themselves. `replyby accounts` says when it has to be done again; doing it once too\n"
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
        "Google gives access to mail by browser only. X goes by browser, and only back to an\n"
        "address that is registered with the app, port included: register http://127.0.0.1:8400\n"
        "there and say --port 8400 here."
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
        account = _account(args.account, shell)
        by_device = _by_device(account.client, args)
        try:
            if account.client.secret:
                account.client.secret.resolve()  # a wrong reference is said before anybody agrees
            store = _writable(account.place)
            get = _from_device if by_device else _from_browser
            tokens = get(account.client, args.port, shell)
            return _keep(args.account, account, tokens, store, shell)
        except ConnectorError as error:
            shell.complain(f"replyby: {error}")
            if error.remedy:
                shell.complain(f"what to do: {error.remedy}")
            return 1


def _account(name: str, shell: Shell) -> TokenAccount:
    settings = shell.config.account(name)
    channel = channels()[settings.channel]
    if not isinstance(channel, TokenChannel):
        raise UsageError(f"'{name}' is no account that is opened by tokens")
    return channel.token_account(settings)


def _by_device(client: Client, args: argparse.Namespace) -> bool:
    """As asked, else by device where the provider can: that needs no browser on this machine."""
    provider = client.provider
    if args.device and not provider.device_url:
        raise UsageError("this provider has no device code for mail; use --browser")
    by_device = bool(provider.device_url) and not args.browser
    if not by_device and not provider.authorization_url:
        raise UsageError("the account has neither a device_url nor an authorization_url")
    return by_device


def _writable(place: Secret) -> TokenStore:
    """The place for the tokens, tried before anybody takes trouble."""
    store = token_store(place)
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


def _keep(name: str, account: TokenAccount, tokens: Tokens, store: TokenStore, shell: Shell) -> int:
    """Keep the tokens unless the account refuses them: those of before may be the right ones."""
    if not tokens.refresh:
        raise AuthError(
            "the provider gave nothing to renew the sign-in with; nothing was kept",
            remedy="add the scope for it (mostly offline_access) to `scopes`",
        )
    problem = account.problem_reading(tokens)
    with store.locked():
        store.save(tokens)
    shell.say(f"The tokens are kept in {store.where}.")
    problem = problem or account.problem_sending(tokens)
    if problem:
        shell.complain(f"replyby: {problem}")
        return 1
    shell.say(f"Signed in: '{name}' can be read and answered. `replyby poll` fetches it now.")
    return 0
