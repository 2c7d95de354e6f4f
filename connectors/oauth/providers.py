"""Where the known providers give tokens for mail, and what each wants to hear."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Provider:
    """The end points of an authorization server (RFC 6749, RFC 8628); "" where it has none.

    `loopback` is the host of the redirect address that the provider lets end in any port. With
    `basic` a client with a secret names itself in a header (RFC 6749, 2.3.1), else in the form.
    `gone` are errors by which it says that a token has ended, besides those of the RFC.
    """

    token_url: str
    authorization_url: str = ""
    device_url: str = ""
    scopes: tuple[str, ...] = ()
    loopback: str = "127.0.0.1"
    extra: Mapping[str, str] = field(default_factory=dict)
    basic: bool = False
    gone: tuple[str, ...] = ()

    def at_tenant(self, tenant: str) -> Provider:
        """The same end points, for one organization's directory."""
        return replace(
            self,
            token_url=self.token_url.format(tenant=tenant),
            authorization_url=self.authorization_url.format(tenant=tenant),
            device_url=self.device_url.format(tenant=tenant),
        )


_MICROSOFT = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0"

# Google gives no access to mail by device code: its list of scopes for devices is a short one.
# Without `prompt` it gives a refresh token only to who signs in for the first time.
PROVIDERS: Mapping[str, Provider] = {
    "google": Provider(
        "https://oauth2.googleapis.com/token",
        "https://accounts.google.com/o/oauth2/v2/auth",
        scopes=("https://mail.google.com/",),
        extra={"access_type": "offline", "prompt": "consent"},
    ),
    "microsoft": Provider(
        f"{_MICROSOFT}/token",
        f"{_MICROSOFT}/authorize",
        f"{_MICROSOFT}/devicecode",
        (
            "https://outlook.office.com/IMAP.AccessAsUser.All",
            "https://outlook.office.com/SMTP.Send",
            "offline_access",
        ),
        loopback="localhost",
    ),
}
