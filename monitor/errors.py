"""Every error that replyby raises on purpose.

ReplybyError                  says what, where and what to do; shown without a traceback
├── UsageError                the command line asks for something that isn't there (exit 2)
├── ConfigError               config.toml, a secret or an account's settings (exit 2)
├── StoreError                the database
│   ├── StoreBusy             somebody else holds it; trying again is right
│   └── SchemaTooNew          written by a newer replyby
├── DeskError                 what a person asked for can't be done as asked
│   ├── NotFound              no such conversation, account or reply
│   ├── AlreadyClaimed        a colleague holds it
│   ├── NewerMessages         the customer wrote again since the text was begun
│   └── NeedsConfirmation     it can be done, but only on a second word
└── ConnectorError            a channel: permanent or not, and when to try again
    ├── AuthError             signed out: a person has to renew the credentials
    ├── RateLimited           the platform asks for a pause
    ├── Refused               the platform won't take this message, now or later
    └── Unsure                the message was handed over and no answer came back
"""

from __future__ import annotations


class ReplybyError(Exception):
    """The root: its text is fit for the screen as it stands."""


class UsageError(ReplybyError):
    """The command line asks for something that isn't there."""


class ConfigError(ReplybyError):
    """Something in the configuration, or what it points to, is wrong."""


class StoreError(ReplybyError):
    """The database refused or can't be reached."""


class StoreBusy(StoreError):
    """Somebody else holds what this needs; trying again is right."""


class SchemaTooNew(StoreError):
    """The database was written by a newer version of replyby."""


class DeskError(ReplybyError):
    """What a person asked for can't be done as asked."""


class NotFound(DeskError):
    """No such conversation, account or reply."""


class AlreadyClaimed(DeskError):
    """A colleague holds the conversation."""


class NewerMessages(DeskError):
    """The customer wrote again after the message that the answer was written to."""


class NeedsConfirmation(DeskError):
    """It can be done, but only when asked for a second time, knowingly."""


class ConnectorError(ReplybyError):
    """A channel failed; `permanent` says that trying again can't help.

    `retry_after` is in seconds, None where the platform named no time; `remedy` says in plain
    words what a person can do about it.
    """

    permanent = False

    def __init__(self, message: str, *, retry_after: float | None = None, remedy: str = "") -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.remedy = remedy


class AuthError(ConnectorError):
    """Signed out: a person has to renew the credentials."""

    permanent = True


class RateLimited(ConnectorError):
    """The platform asks for a pause."""


class Refused(ConnectorError):
    """The platform won't take this message, now or later."""

    permanent = True


class Unsure(ConnectorError):
    """The message was handed over and no answer came back: it may have arrived."""
