"""The platforms of the demo, all played in this process, and the configuration that names them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.sandbox.crowd_case import Place
from connectors.sandbox.graph import GraphServer
from connectors.sandbox.x import XServer
from connectors.sandbox.x_auth import Keys
from connectors.sandbox.x_world import User

if TYPE_CHECKING:
    from connectors.sandbox.mail import MailServer

INBOX = "support@acme.example"
_NOWHERE = "imap://127.0.0.1:9", "smtp://127.0.0.1:9"
_CONFIG = """
# Written by `replyby demo`: customers at X, on Facebook and with mailboxes, all inside the process
# that plays them. The windows are the ones that replyby has of its own accord.
[desk]
name = "Acme support"
database = "sqlite:///replyby.db"

[[rules]]
when = {{ subject = "/quote|pricing|offer for/" }}
then = {{ lead = true, tags = ["sales"] }}

[[rules]]
when = {{ text = "/best price|an offer for/" }}
then = {{ lead = true, tags = ["sales"] }}

[[accounts]]
name = "x"
channel = "twitter"
every = "{every}"
api_url = "{x}"
consumer_key = "file:secrets/consumer_key"
consumer_secret = "file:secrets/consumer_secret"
access_token = "file:secrets/access_token"
access_token_secret = "file:secrets/access_token_secret"
search = "acme -@acme -from:acme -is:retweet"
direct_messages = true

[[accounts]]
name = "page"
channel = "facebook"
every = "{every}"
api_url = "{graph}"
page = "{page}"
token = "file:secrets/page_token"
app_secret = "file:secrets/app_secret"

[[accounts]]
name = "support"
channel = "email"
every = "{every}"
address = "{inbox}"
imap = "{imap}"
smtp = "{smtp}"
password = "file:secrets/mailbox"
"""


@dataclass
class Platforms:
    """X and Facebook, which start at once, and the mail provider, which takes a second."""

    x: XServer
    us: User
    keys: Keys
    graph: GraphServer
    clock: Callable[[], datetime]
    mail: MailServer | None = None

    def config(self, every: str) -> str:
        """config.toml, each account polled that often; without mail, its account leads nowhere."""
        imap, smtp = (self.mail.imap_url, self.mail.smtp_url) if self.mail else _NOWHERE
        return _CONFIG.format(
            every=every, x=self.x.url, graph=self.graph.url, page=self.graph.page.me.id,
            inbox=INBOX, imap=imap, smtp=smtp,
        )  # fmt: skip

    def start_mail(self, secrets_folder: Path) -> None:
        """Open the mailbox of the desk."""
        from connectors.sandbox.mail import MailServer

        self.mail = MailServer()
        self.mail.start()
        self.mail.add_mailbox(INBOX, (secrets_folder / "mailbox").read_text())

    def places(self, seed: int, *, asides: bool) -> list[Place]:
        """Where customers write; the mail provider has to be there."""
        from connectors.sandbox.crowd_mail import MailPlace
        from connectors.sandbox.crowd_page import PagePlace
        from connectors.sandbox.crowd_x import XPlace

        assert self.mail
        return [
            XPlace(self.x.world, self.us, asides=asides, clock=self.clock),
            PagePlace(self.graph.page, clock=self.clock),
            MailPlace(self.mail, INBOX, seed, self.clock),
        ]


@contextmanager
def platforms(
    folder: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Iterator[Platforms]:
    """X and Facebook on loopback; their keys in files of `folder`/secrets that only we can read."""
    token, app_secret = secrets.token_hex(16), secrets.token_hex(16)
    with ExitStack() as stack:
        x = stack.enter_context(XServer(clock))
        # Who polls every second must not be sent away for the rest of a quarter of an hour.
        x.limits.most[""] = 1_000_000
        us = x.world.add_user("acme", "Acme")
        keys = x.door.give_keys(us)
        graph = stack.enter_context(GraphServer(token, app_secret=app_secret, clock=clock))
        made = Platforms(x, us, keys, graph, clock)
        _keep_secrets(folder / "secrets", keys, token, app_secret)
        try:
            yield made
        finally:
            if made.mail:
                made.mail.stop()


def _keep_secrets(folder: Path, keys: Keys, token: str, app_secret: str) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    kept = {
        "consumer_key": keys.consumer_key,
        "consumer_secret": keys.consumer_secret,
        "access_token": keys.access_token,
        "access_token_secret": keys.access_token_secret,
        "page_token": token,
        "app_secret": app_secret,
        "mailbox": secrets.token_hex(16),
    }
    for name, secret in kept.items():
        path = folder / name
        path.touch(mode=0o600)
        path.write_text(secret)
