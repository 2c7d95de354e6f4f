"""Builds everything from the configuration: the one place that knows all of it."""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from monitor import plugins
from monitor.checked import Checked, Findings
from monitor.clock import Clock, now
from monitor.config import AccountSettings, Config, load_config
from monitor.connector import (
    Channel,
    Checkable,
    Connector,
    Prospect,
    Question,
    Surroundings,
    Watch,
    Watchable,
)
from monitor.desk import Desk, Opened
from monitor.errors import ConfigError, DeskError, NotFound
from monitor.files import save
from monitor.message import Direction
from monitor.people import known
from monitor.policy import Policy
from monitor.store import Store, open_store
from monitor.windows import elapsed

if TYPE_CHECKING:
    from monitor.outbox import Outbox
    from monitor.poller import Polled, Poller

Say = Callable[[str], None]


def read_config(path: Path) -> Config:
    """config.toml, each account checked by its channel."""
    return load_config(path, {name: c.settings for name, c in plugins.channels().items()})


def policy_of(config: Config, account: AccountSettings) -> Policy:
    """The account's clock."""
    return Policy(
        account.name,
        config.window(account),
        config.window(account, lead=True),
        config.hours(account),
        config.rules,
        config.fingerprint(account),
    )


class House:
    """One configured desk; each part is built when it is first asked for.

    `say` hears what was done on the way, `tell` how far something long has come, "" at its end;
    a screen puts its own in the place of `tell`.
    """

    def __init__(
        self,
        config: Config,
        clock: Clock = now,
        say: Say = lambda text: None,
        tell: Say = lambda text: None,
        channels: Mapping[str, Channel] | None = None,
    ) -> None:
        self.config = config
        self.clock = clock
        self.tell: Callable[[str], object] = tell
        self._say = say
        self._channels = channels if channels is not None else plugins.channels()
        self._key = b""
        # Who wants the log sets it up; without that nothing of it lands on anybody's terminal.
        logging.getLogger("replyby").addHandler(logging.NullHandler())

    @cached_property
    def policies(self) -> dict[str, Policy]:
        """Account names to clocks."""
        return {a.name: policy_of(self.config, a) for a in self.config.accounts}

    @cached_property
    def store(self) -> Store:
        """The store, with every configured account in it and all deadlines up to date."""
        store = open_store(self.database_url, self.clock(), self._in_hours, self._say)
        store.accounts.ensure({a.name: a.channel for a in self.config.accounts}, self.clock())
        self._retime(store)
        return store

    def _retime(self, store: Store) -> None:
        ids, clock = store.accounts.ids(), store.accounts.clock
        changed = {n: p for n, p in self.policies.items() if clock(ids[n]) != p.fingerprint}
        if not changed:
            return
        done = self._counted(store.retiming.open([ids[name] for name in changed]))
        moved = {
            name: store.retiming.retime(ids[name], policy, self.clock(), done)
            for name, policy in changed.items()
        }
        self.tell("")
        for name, count in moved.items():
            if count:
                self._say(f"{name}: windows, hours or rules changed; {count:,} deadlines moved")

    def _counted(self, total: int) -> Callable[[int], None]:
        """Tells how many of so many are done, whenever some more are."""
        counted = 0

        def done(more: int) -> None:
            nonlocal counted
            counted += more
            self.tell(f"windows, hours or rules changed: {counted:,} of {total:,} deadlines done")

        return done

    @property
    def database_url(self) -> str:
        """The configured database, a relative SQLite path taken from the file's own folder."""
        url = self.config.desk.database
        if not url.startswith("sqlite:///"):
            return url
        path = Path(os.path.expanduser(url.removeprefix("sqlite:///")))
        return f"sqlite:///{self.config.path.absolute().parent / path}"

    @cached_property
    def desk(self) -> Desk:
        """What staff do."""
        every = {a.name: a.every for a in self.config.accounts}
        return Desk(self.store, self.clock, every)

    @cached_property
    def poller(self) -> Poller:
        from monitor.poller import Poller

        return Poller(self.store, self.clock)

    @cached_property
    def accounts(self) -> dict[str, Polled]:
        """Every account as the poller needs it, by name."""
        from monitor.poller import Polled

        ids = self.store.accounts.ids()
        return {
            a.name: Polled(
                ids[a.name], a.name, a.every, a.since, self.policies[a.name],
                partial(self._connect, a),
            )
            for a in self.config.accounts
        }  # fmt: skip

    @cached_property
    def watches(self) -> dict[str, Callable[[], Watch | None]]:
        """What opens each account's watch, by name."""
        return {a.name: partial(self._watch, a) for a in self.config.accounts}

    @cached_property
    def outbox(self) -> Outbox:
        from monitor.outbox import Outbox

        connect = {a.name: partial(self._connect, a) for a in self.config.accounts}
        return Outbox(self.store, connect, self.clock)

    def check(self, account: str, cursor: str | None = None) -> Checked:
        """What a configured account may do and what is missing; every failure is one finding.

        It needs no database; `cursor` is the account's, where one is at hand.
        """
        findings, settings = Findings(), self.config.account(account)
        with findings.trying():
            checked = self._checked(settings, cursor)
            caveat = self._channels[settings.channel].caveat(settings)
            return checked.with_note(caveat) if caveat else checked
        return findings.checked()

    def _checked(self, settings: AccountSettings, cursor: str | None) -> Checked:
        connector = self._connect(settings)
        try:
            if isinstance(connector, Checkable):
                return connector.check(cursor)
        finally:
            connector.close()
        return Checked().with_note(f"the channel '{settings.channel}' can only be polled")

    def save_files(
        self, conversation_id: int, folder: Path, only: tuple[int, int] | None = None
    ) -> list[Path]:
        """Decode the files of a conversation into a folder, under safe names that are free.

        `only` names one, by its message's id and its own number there.
        """
        if not os.path.isdir(folder):  # which raises nothing, whatever stands in the path
            raise DeskError(f"there is no folder {folder}")
        channel = self._channels[self.desk.find(conversation_id).channel]
        saved = []
        for message in self.store.lists.messages(conversation_id):
            ours = message.direction is Direction.OUT and not message.outside
            wanted = [
                there for there in message.attachments
                if not ours and only in (None, (message.id, there.number))
            ]  # fmt: skip
            source = self.store.lists.raw(message.id) if wanted else b""
            for there in wanted:
                file = channel.file(source, there.number)
                saved.append(save(folder, file.name, there.number, file.content))
        return saved

    def foresee(self, opened: Opened, text: str, way: str = "") -> Prospect:
        """What would become of this answer, as `Channel.foresee` says it."""
        asked = opened.question
        if asked is None:
            return Prospect(refusal="nobody waits for an answer here")
        try:
            settings = self.config.account(opened.conversation.account)
        except ConfigError:
            return Prospect(
                refusal="the account of this conversation is not in config.toml any more"
            )
        with suppress(NotFound):
            question = Question(asked, self.store.lists.raw(asked.id))
            channel = self._channels[settings.channel]
            return channel.foresee(settings, question, text, way, self.clock())
        return Prospect()

    def is_colleague(self, name: str) -> bool:
        """Whether somebody of this name works here, or has lately.

        UsageError where people are named and this is none of them.
        """
        persons = self.config.persons
        return bool(known(name, persons)) if persons else self.desk.knows(name)

    @cached_property
    def caveats(self) -> dict[str, str]:
        """What accounts can't be told of, by their names; none where there is nothing to say."""
        said = {a.name: self._channels[a.channel].caveat(a) for a in self.config.accounts}
        return {name: caveat for name, caveat in said.items() if caveat}

    def reopen(self, conversation_id: int, who: str) -> None:
        """Start the clock of a conversation in which somebody waits after all."""
        policy = self.policies.get(self.desk.find(conversation_id).account)
        if policy is None:
            raise ConfigError("the account of this conversation is not in config.toml any more")
        self.store.acts.reopen(conversation_id, who, policy, self.clock())

    def close(self) -> None:
        """Close the store, if it was opened."""
        if "store" in self.__dict__:
            self.store.close()

    def _connect(self, account: AccountSettings) -> Connector:
        surroundings = Surroundings(self.config.desk.name, self.signing_key, self.clock)
        return self._channels[account.channel].connect(account, surroundings)

    def _watch(self, account: AccountSettings) -> Watch | None:
        connector = self._connect(account)
        try:
            return connector.watch() if isinstance(connector, Watchable) else None
        finally:
            connector.close()

    def signing_key(self) -> bytes:
        """What our own message ids are signed with; made beside the database where none is set."""
        if not self._key:
            given = self.config.desk.signing_key
            self._key = given.resolve().encode() if given else own_key(self._key_file)
        return self._key

    @property
    def _key_file(self) -> Path:
        url = self.database_url
        if url.startswith("sqlite:///"):
            return Path(url.removeprefix("sqlite:///")).with_suffix(".key")
        return self.config.path.absolute().parent / "replyby.key"

    def _in_hours(self, account: str, start: datetime, end: datetime) -> timedelta:
        policy = self.policies.get(account)
        return elapsed(start, end, policy.hours if policy else None)


def own_key(path: Path) -> bytes:
    """The key in a file that only we can read, made on first use by one of several processes."""
    if not path.exists():
        with suppress(OSError):  # what matters is whether it can be read, below
            _make_key(path)
    try:
        key = path.read_bytes().strip()
    except OSError as error:
        raise ConfigError(
            f"can't keep the key for message ids in {path}: {error.strerror}; "
            "name one with signing_key in [desk]"
        ) from None
    if len(key) < 32:
        raise ConfigError(f"the key in {path} is too short; remove the file to have a new one made")
    return key


def _make_key(path: Path) -> None:
    mine = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, secrets.token_hex(32).encode())
        os.fsync(handle)
        os.link(mine, path)  # fails where another process was first: its key is ours too
    finally:
        os.close(handle)
        mine.unlink()
