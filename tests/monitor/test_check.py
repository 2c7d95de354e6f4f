"""`replyby check`: every account side by side, the desk itself, and what scripts make of it."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.facebook.channel import FacebookChannel
from connectors.sandbox.graph import GraphServer
from connectors.sandbox.mail import MailServer
from connectors.sandbox.x import XServer
from monitor import plugins
from monitor.checked import Checked
from monitor.checkup import Stored, ask_database, check_accounts, check_clock
from monitor.clock import now
from monitor.config import AccountSettings
from monitor.connector import Connector, Surroundings
from monitor.decision import Outcome
from monitor.wiring import House, read_config
from tests.replyby import Done, replyby_inside

ADDRESS, PASSWORD, TOKEN = "help@desk.test", "s3cret-of-the-desk", "EAAB0page0token"
HOSTILE = "\x1b]0;owned\x07\x1b[2J\u202egnp\r\nx\x7f"
MAIL = """
[[accounts]]
name = "support"
channel = "email"
address = "help@desk.test"
imap = "{mail.imap_url}"
smtp = "{mail.smtp_url}"
password = "file:password"
"""
X = """
[[accounts]]
name = "tweets"
channel = "twitter"
consumer_key = "file:consumer_key"
consumer_secret = "file:consumer_secret"
access_token = "file:access_token"
access_token_secret = "file:access_token_secret"
daily_cap = 5
api_url = "{x.url}"
"""
PAGE = """
[[accounts]]
name = "page"
channel = "facebook"
page = "100200300400"
token = "file:token"
api_url = "{graph.url}"
"""


@dataclass
class Place:
    """A desk with an account on each platform, all of them played."""

    folder: Path
    stack: ExitStack
    mail: MailServer = field(default_factory=MailServer)
    x: XServer = field(default_factory=lambda: XServer(now))
    graph: GraphServer = field(default_factory=lambda: GraphServer(TOKEN))

    def __post_init__(self) -> None:
        for platform in (self.mail, self.x, self.graph):
            self.stack.enter_context(platform)
        self.mail.add_mailbox(ADDRESS, PASSWORD)
        self.acme = self.x.world.add_user("acme", "Acme Tools")
        keys = self.x.door.give_keys(self.acme)
        self.secrets = {
            "password": PASSWORD, "token": TOKEN, "consumer_key": keys.consumer_key,
            "consumer_secret": keys.consumer_secret, "access_token": keys.access_token,
            "access_token_secret": keys.access_token_secret,
        }  # fmt: skip
        for name, secret in self.secrets.items():
            (self.folder / name).write_text(secret)
        self.configure(MAIL, X, PAGE)

    def configure(self, *sections: str) -> None:
        text = "".join(sections).format(mail=self.mail, x=self.x, graph=self.graph)
        (self.folder / "config.toml").write_text(text)

    def check(self, *words: str, code: int = 0) -> Done:
        env = {"HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder / "none")}
        done = replyby_inside(("check", *words), self.folder, env)
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        assert not [s for s in self.secrets.values() if s in done.stdout + done.stderr]
        return done

    def house(self) -> House:
        house = House(read_config(self.folder / "config.toml"))
        self.stack.callback(house.close)
        return house


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with ExitStack() as stack:
        yield Place(tmp_path, stack)


def test_all_three_channels_are_named_in_the_order_of_the_file(place: Place) -> None:
    said = place.check().stdout
    heads = [line for line in said.splitlines() if "signed in as" in line]
    assert heads == [
        "support (email): signed in as help@desk.test at 127.0.0.1",
        f"tweets (twitter): signed in as @acme (Acme Tools, {place.acme.id})",
        "page (facebook): signed in as Acme (100200300400)",
    ]
    for line in ("cost     $0.01", "clock is right", "schema 0", "3 accounts", "all is well"):
        assert line in said


def test_what_is_missing_fails_the_check_and_is_counted_at_the_end(place: Place) -> None:
    place.x.door.level = "read"
    place.graph.permit.scopes = ()
    said = place.check(code=1).stdout
    assert said.splitlines()[-1] == "missing: tweets (twitter) 1, page (facebook) 4"
    assert "what to do: set the app to 'Read and write'" in said


def test_quietly_only_what_is_missing_is_said(place: Place) -> None:
    assert place.check("--quiet").stdout == ""
    place.x.door.level = "read"
    said = place.check("--quiet", code=1).stdout
    assert said.startswith("tweets (twitter)")
    assert "  ok " not in said


def test_one_account_is_checked_alone_and_the_desk_left_out(place: Place) -> None:
    place.x.door.level = "read"
    said = place.check("support").stdout
    assert "tweets" not in said
    assert "schema" not in said
    assert place.check("page", "support").stdout.startswith("page (facebook)")


def test_an_account_that_is_not_there_is_a_wrong_question(place: Place) -> None:
    assert "did you mean 'support'" in place.check("suport", code=2).stderr


def test_a_script_gets_an_object(place: Place) -> None:
    place.graph.expired = True
    told = json.loads(place.check("--json", code=1).stdout)
    assert told["ok"] is False
    assert [(a["name"], a["ok"]) for a in told["accounts"]] == [
        ("support", True), ("tweets", True), ("page", False),
    ]  # fmt: skip
    assert told["accounts"][1]["cost"] == "$0.01, for one user read"
    [expired] = [f for f in told["accounts"][2]["findings"] if f["mark"] == "missing"]
    assert "Session has expired" in expired["what"]
    assert "new page access token" in expired["remedy"]
    assert {f["mark"] for f in told["desk"]} == {"ok"}


def test_what_checks_cost_adds_up(place: Place) -> None:
    assert "$0.01 of today's $5.00" in place.check("tweets").stdout
    assert "$0.02 of today's $5.00" in place.check("tweets").stdout


def test_what_a_check_costs_during_a_poll_is_counted_after_it(place: Place) -> None:
    accounts, at = place.house().store.accounts, now()
    number = accounts.ids()["tweets"]
    lease = accounts.lease(number, "a poll", at, timedelta(minutes=2), None)
    assert lease
    timer = threading.Timer(0.5, accounts.succeeded, (lease, at, at, {}))
    timer.start()
    assert "could not be counted" not in place.check("tweets").stdout
    timer.join()
    assert '"user":1' in (accounts.cursor(number) or "")


@pytest.mark.slow
def test_a_cost_that_is_not_counted_is_told(place: Place) -> None:
    accounts = place.house().store.accounts
    accounts.lease(accounts.ids()["tweets"], "a poll", now(), timedelta(minutes=2), None)
    assert "could not be counted in the sum" in place.check("tweets").stdout


def test_a_server_that_hangs_holds_up_no_other(place: Place) -> None:
    place.mail.imap_hang = True
    begun = time.monotonic()
    try:
        said = place.check("--timeout", "2s", code=1).stdout
    finally:
        place.mail.imap_hang = False
    assert time.monotonic() - begun < 6
    assert "no end in 2s" in said
    assert said.splitlines()[-1] == "missing: support (email) 1"
    assert "page (facebook): signed in as Acme" in said


def test_a_database_that_is_not_there_is_told_and_the_accounts_are_checked(place: Place) -> None:
    place.configure('[desk]\ndatabase = "postgresql://127.0.0.1:1/none"\n', MAIL)
    said = place.check(code=1).stdout
    assert "signed in as help@desk.test" in said
    assert "what to do: mend the key `database`" in said


def test_a_database_out_of_reach_is_tried_once(place: Place) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"postgresql://127.0.0.1:{server.getsockname()[1]}/none"
        plain = "sslmode=disable&gssencmode=disable"
        place.configure(f'[desk]\ndatabase = "{url}?{plain}"\n', MAIL)
        tried: list[bool] = []

        def refuse() -> None:
            with suppress(OSError):
                while True:
                    server.accept()[0].close()
                    tried.append(True)

        threading.Thread(target=refuse, daemon=True).start()
        assert "can't reach" in place.check(code=1).stdout
    assert tried == [True]


def test_holidays_of_nowhere_are_told(place: Place) -> None:
    hours = '[hours.office]\nmon = ["09:00-17:00"]\nholidays = "XX"\n'
    place.configure(hours, MAIL)
    assert "holidays" in place.check(code=1).stdout


def test_a_file_without_accounts_is_told(place: Place) -> None:
    place.configure("")
    assert "there is no account" in place.check(code=1).stdout


def test_hostile_names_do_no_harm_to_the_terminal(place: Place) -> None:
    place.graph.permit.changed = {"application": HOSTILE, "type": HOSTILE}
    said = place.check("page", code=1).stdout
    assert said.replace("\n", "").isprintable()
    [line] = [line for line in said.splitlines() if "its type is" in line]
    assert "owned" in line
    assert "gnp" in line


def test_a_fault_in_a_connector_is_one_finding(place: Place) -> None:
    house = place.house()
    channels = dict(plugins.channels()) | {"facebook": _Broken()}
    found = check_accounts(House(house.config, channels=channels), ["page", "support"], Stored({}))
    assert [f.what for f in found["page"].findings] == ["a fault in replyby: ZeroDivisionError"]
    assert found["support"].ok


class _Broken(FacebookChannel):
    def connect(self, settings: AccountSettings, surroundings: Surroundings) -> Connector:
        raise ZeroDivisionError


def test_a_clock_that_is_wrong_is_told(place: Place) -> None:
    place.configure(PAGE)
    place.graph.page.clock = lambda: now() + timedelta(hours=1, seconds=30)
    said = place.check(code=1).stdout
    assert "clock is 1h behind the platforms'" in said
    assert "timedatectl" in said


@pytest.mark.parametrize(
    ("offsets", "ok"),
    [((), True), ((None, 59), True), ((61,), False), ((-61,), False), ((4000, 1), True)],
)
def test_the_clock_is_right_where_one_platform_agrees_with_it(
    offsets: tuple[int | None, ...], ok: bool
) -> None:
    told = [Checked(ahead=None if s is None else timedelta(seconds=s)) for s in offsets]
    assert check_clock(told).ok == ok


def test_a_secret_that_is_missing_is_named_by_its_reference(place: Place) -> None:
    (place.folder / "token").unlink()
    assert "file:token" in place.check("page", code=1).stdout


def test_those_that_are_still_out_are_told_while_one_waits(place: Place) -> None:
    told: list[list[str]] = []
    names = ["support", "page"]
    found = check_accounts(place.house(), names, Stored({}), waiting=lambda n: told.append(list(n)))
    assert list(found) == names
    assert told[0] == names
    assert len(told[-1]) == 1


def test_a_check_leaves_the_place_of_the_polls_alone(place: Place) -> None:
    house = place.house()
    for text in ("@acme before the first poll", "@acme after it"):
        place.x.world.post(place.x.world.add_user(f"kim{len(text)}", "Kim"), text)
        check_accounts(house, ["tweets"], ask_database(house))
        done = house.poller.poll(house.accounts["tweets"])
        assert (done.problem, done.outcomes[Outcome.NEW]) == ("", 1)
