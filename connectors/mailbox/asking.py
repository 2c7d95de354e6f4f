"""What is asked about a mailbox, with what is known of the large providers."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.mailbox.guessing import guess
from monitor.asking import Answers, Asked, Kind


@dataclass(frozen=True, slots=True)
class Provider:
    """Where a provider's mail servers are, and how one signs in there."""

    title: str
    imap: str = ""
    smtp: str = ""
    domains: tuple[str, ...] = ()
    tokens: str = ""


_GOOGLE_APP = (
    "An app password: myaccount.google.com/apppasswords, once 2-step verification is on; "
    "not the password of the Google account."
)
PROVIDERS = {
    "gmail": Provider(
        "Gmail or Google Workspace", "imaps://imap.gmail.com", "smtps://smtp.gmail.com",
        ("gmail.com", "googlemail.com"), "google",
    ),
    "microsoft": Provider(
        "Microsoft 365 or Outlook.com",
        "imaps://outlook.office365.com", "smtp://smtp.office365.com",
        ("outlook.com", "hotmail.com", "live.com", "msn.com"), "microsoft",
    ),
    "other": Provider("another mail server"),
}  # fmt: skip
_CLIENT = {
    "google": "Cloud console, Clients: one of the type Desktop app (README, Gmail …)",
    "microsoft": "Entra admin center, App registrations (README, … Microsoft 365)",
}


def _provider_by_address(answers: Answers) -> str:
    domain = answers["address"].rpartition("@")[2].lower()
    return next((name for name, p in PROVIDERS.items() if domain in p.domains), "other")


def _of(answers: Answers) -> Provider:
    return PROVIDERS[answers["?provider"]]


def _by_tokens(answers: Answers) -> bool:
    return answers["?provider"] == "microsoft" or answers.get("?way") == "oauth"


QUESTIONS = (
    Asked("address", "Its address", "The one that customers write to."),
    Asked("?provider", "Who keeps the mailbox",
          "It decides how to sign in; other asks for the servers' names.",
          default=_provider_by_address,
          choices={name: p.title for name, p in PROVIDERS.items()}),
    Asked("imap", "The server for reading",
          "imaps:// is encrypted from the start, imap:// asks for STARTTLS.",
          default=lambda a: guess(a["address"], "imap"), known=lambda a: _of(a).imap),
    Asked("smtp", "The server for sending",
          "smtps:// is encrypted from the start, smtp:// asks for STARTTLS.",
          default=lambda a: guess(a["address"], "smtp"), known=lambda a: _of(a).smtp),
    Asked("username", "The name to sign in with",
          "Most servers want the whole address.", default=lambda a: a["address"],
          when=lambda a: a["?provider"] == "other"),
    Asked("?way", "How is it signed in to", when=lambda a: a["?provider"] == "gmail",
          default=lambda a: "password",
          choices={"password": "an app password", "oauth": "tokens, by `replyby login`"}),
    Asked("auth", "", known=lambda a: "oauth" if _by_tokens(a) else "", when=_by_tokens),
    Asked("password", "The password", _GOOGLE_APP, Kind.SECRET,
          when=lambda a: a["?provider"] == "gmail" and not _by_tokens(a)),
    Asked("password", "The mailbox's password",
          "The one your mail program uses; it is never written into config.toml.", Kind.SECRET,
          when=lambda a: a["?provider"] == "other"),
    Asked("oauth.provider", "", known=lambda a: _of(a).tokens, when=_by_tokens),
    Asked("oauth.client_id", "The client's id", _CLIENT["google"],
          when=lambda a: _by_tokens(a) and _of(a).tokens == "google"),
    Asked("oauth.client_id", "The application's (client) id", _CLIENT["microsoft"],
          when=lambda a: _by_tokens(a) and _of(a).tokens == "microsoft"),
    Asked("oauth.client_secret", "The client's secret", "", Kind.SECRET,
          when=lambda a: _by_tokens(a) and _of(a).tokens == "google"),
    Asked("oauth.tenant", "The directory (tenant)", "Your domain, or common.",
          default=lambda a: "common", when=lambda a: a["?provider"] == "microsoft"),
)  # fmt: skip
"""All about one mailbox."""
