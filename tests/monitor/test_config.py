"""config.toml: what it may say, and the sentence that meets everything else."""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path

import pytest

from connectors.mailbox.settings import EmailSettings
from monitor.config import AccountSettings, Config, load_config, parse_config
from monitor.errors import ConfigError
from monitor.location import find_config
from monitor.plugins import channels
from monitor.wiring import House, read_config
from tests.monitor.calendars import due_at

MODELS = {name: channel.settings for name, channel in channels().items()}
PATH = Path("/etc/replyby/config.toml")
SECRET = "hunter2-S3cretValue"
MAILBOX = """
[[accounts]]
name = "support"
channel = "email"
address = "support@acme.example"
imap = "imaps://imap.acme.example"
smtp = "smtps://smtp.acme.example"
"""
TOKENS = MAILBOX + 'auth = "oauth"\n[accounts.oauth]\n'
ACCOUNT = MAILBOX + 'password = "env:SUPPORT_PASSWORD"\n'
OFFICE = '[hours.office]\nmon = ["09:00-10:00"]\n'

ISSUE = (
    """
[desk]
name = "Acme support"
timezone = "Europe/Berlin"
database = "sqlite:///replyby.db"

[windows]
twitter = "1h"
facebook = "6h"
email = "6h"
lead = "15m"

[hours.office]
timezone = "Europe/Berlin"
mon = ["09:00-12:30", "13:00-18:00"]
fri = ["09:00-15:00", "22:00-06:00"]
holidays = "DE-BY"
closed = ["2026-12-24"]
"""
    + ACCOUNT
    + """
hours = "office"
every = "1m"
since = "7d"
windows = { lead = "10m" }

[[rules]]
when = { to = "sales@", subject = "/quote|pricing/" }
then = { lead = true, tags = ["sales"] }
"""
)


def read(text: str) -> Config:
    return parse_config(text, PATH, MODELS)


def complaint(text: str) -> str:
    """What is said about a configuration that can't be."""
    with pytest.raises(ConfigError) as refused:
        read(text).check_holidays()
    return str(refused.value)


def test_the_repository_s_own_file_loads_as_it_stands() -> None:
    config = read_config(Path(__file__).parents[2] / "config.toml")
    assert config.desk.timezone == "Europe/Berlin"
    assert config.accounts == ()
    assert len(config.rules) == 1


def test_the_repository_s_own_file_loads_with_its_examples(tmp_path: Path) -> None:
    lines = (Path(__file__).parents[2] / "config.toml").read_text().splitlines()
    begins = lines.index("# [[accounts]]")
    shown = [line.removeprefix("# ") for line in lines[begins:]]
    (tmp_path / "config.toml").write_text("\n".join(lines[:begins] + shown))
    account, *others = read_config(tmp_path / "config.toml").accounts
    assert {account.channel, *(other.channel for other in others)} == set(channels())
    assert isinstance(account, EmailSettings)
    assert account.ca == tmp_path / "our-ca.pem"


def test_what_the_manual_shows_is_understood() -> None:
    config = read(ISSUE)
    account = config.account("support")
    assert (account.every, account.since) == (timedelta(minutes=1), timedelta(days=7))
    assert config.window(account) == timedelta(hours=6)
    assert config.window(account, lead=True) == timedelta(minutes=10)
    (rule,) = config.rules
    assert (rule.number, rule.lead, rule.tags, rule.ignore) == (1, True, ("sales",), "")
    assert set(rule.matchers) == {"to", "subject"}
    calendar = config.hours(account)
    assert due_at(calendar, "2026-11-20T18:40Z", "6h").isoformat() == "2026-11-21T03:00:00+00:00"


def test_the_defaults_are_what_customers_expect() -> None:
    config = read(ACCOUNT)
    account = config.account("support")
    assert config.window(account) == timedelta(hours=6)
    assert config.window(account, lead=True) == timedelta(minutes=15)
    assert config.hours(account) is None


def test_the_desk_s_windows_stand_for_accounts_without_their_own() -> None:
    config = read('[windows]\nemail = "2h"\nlead = "5m"\n' + ACCOUNT)
    account = config.account("support")
    assert config.window(account) == timedelta(hours=2)
    assert config.window(account, lead=True) == timedelta(minutes=5)


def test_a_channel_of_another_party_has_a_window() -> None:
    text = '[[accounts]]\nname = "a"\nchannel = "chat"\n'
    config = parse_config(text, PATH, {"chat": AccountSettings})
    assert config.window(config.accounts[0]) > timedelta()


def test_hours_are_in_the_desk_s_zone_unless_they_say_otherwise() -> None:
    accounts = ACCOUNT + 'hours = "office"\n'
    for zones in (('desk = {timezone = "Asia/Tokyo"}\n', ""), ("", 'timezone = "Asia/Tokyo"\n')):
        config = read(zones[0] + OFFICE + zones[1] + accounts)
        calendar = config.hours(config.account("support"))
        assert calendar is not None
        assert calendar.zone.key == "Asia/Tokyo"


def test_closed_dates_may_be_written_with_and_without_quotes() -> None:
    more = 'closed = ["2026-12-28", 2027-01-04]\n'
    config = read(OFFICE + more + ACCOUNT + 'hours = "office"\n')
    calendar = config.hours(config.account("support"))
    assert calendar is not None
    assert calendar.closed(date(2026, 12, 28)) == calendar.closed(date(2027, 1, 4)) == "closed"
    assert calendar.closed(date(2026, 12, 29)) == ""


ERRORS: dict[str, tuple[str, str]] = {
    "a section": ("[dsk]\n", ": unknown key 'dsk'; did you mean 'desk'?"),
    "desk": (
        '[desk]\ntimezon = "UTC"\n',
        ", [desk]: unknown key 'timezon'; did you mean 'timezone'?",
    ),
    "a day": (
        '[hours.office]\nmonday = ["09:00-10:00"]\n',
        ", [hours.office]: unknown key 'monday'; did you mean 'mon'?",
    ),
    "an account": (
        ACCOUNT + 'passwrd = "env:X"\n',
        ", [[accounts]] 'support': unknown key 'passwrd'; did you mean 'password'?",
    ),
    "when": (
        '[[rules]]\nwhen = { form = "x" }\nthen = {}\n',
        ", [[rules]] number 1, key 'when': unknown key 'form'; did you mean 'from'?",
    ),
    "then": (
        "[[rules]]\nthen = {}\n[[rules]]\nthen = { laed = true }\n",
        ", [[rules]] number 2, key 'then': unknown key 'laed'; did you mean 'lead'?",
    ),
    "the desk's windows": (
        '[windows]\nemial = "1h"\n',
        ", [windows]: unknown key 'emial'; did you mean 'email'?",
    ),
    "an account's windows": (
        ACCOUNT + 'windows = { leed = "1h" }\n',
        ", [[accounts]] 'support', key 'windows': unknown key 'leed'; did you mean 'lead'?",
    ),
    "nothing near": (
        "[desk]\nqqq = 1\n",
        "(known: name, timezone, database, signing_key, me)",
    ),
    "a channel": (
        '[[accounts]]\nname = "a"\nchannel = "emial"\n',
        ", [[accounts]] 'a': unknown channel 'emial'; did you mean 'email'?",
    ),
    "no channel": (
        '[[accounts]]\nname = "a"\n',
        ", [[accounts]] 'a': key 'channel' is missing; one of: email",
    ),
    "no name": (
        ACCOUNT.replace('name = "support"\n', ""),
        ", [[accounts]] number 1: key 'name' is missing",
    ),
    "no password": (MAILBOX, ", [[accounts]] 'support': key 'password' is missing"),
    "tokens without a client": (
        MAILBOX + 'auth = "oauth"\n',
        ", [[accounts]] 'support': key 'oauth': is missing: a section [accounts.oauth] with",
    ),
    "a password beside tokens": (
        TOKENS
        + 'client_id = "x"\ntoken_url = "https://a.test"\n'
        + ACCOUNT.replace('"support"', '"two"').replace("password", 'auth = "oauth"\npassword'),
        ", [[accounts]] 'two': key 'password': is not used with auth = 'oauth'",
    ),
    "tokens and no word of them": (
        ACCOUNT + '[accounts.oauth]\nclient_id = "x"\ntoken_url = "https://a.test"\n',
        ", [[accounts]] 'support': key 'oauth': is a section that only auth = 'oauth' uses",
    ),
    "no client": (
        TOKENS + 'token_url = "https://a.test"\n',
        ", [[accounts]] 'support', [oauth]: key 'client_id' is missing",
    ),
    "no provider": (
        TOKENS + 'client_id = "x"\n',
        ", [[accounts]] 'support', [oauth]: key 'token_url' is missing",
    ),
    "Google without its secret": (
        TOKENS + 'provider = "google"\nclient_id = "x"\n',
        ", [[accounts]] 'support', [oauth]: key 'client_secret' is missing",
    ),
    "a provider and an address": (
        TOKENS + 'provider = "microsoft"\nclient_id = "x"\ntoken_url = "https://a.test"\n',
        ", [oauth]: key 'token_url': is known for provider = 'microsoft'; leave it out",
    ),
    "a tenant of nobody's": (
        TOKENS + 'client_id = "x"\ntoken_url = "https://a.test"\ntenant = "acme"\n',
        ", [oauth]: key 'tenant': is a thing of provider = 'microsoft'",
    ),
    "a tenant that leads elsewhere": (
        TOKENS + 'provider = "microsoft"\nclient_id = "x"\ntenant = "a/../b"\n',
        ", [oauth]: key 'tenant': is a directory's name or id",
    ),
    "tokens that travel in the open": (
        TOKENS + 'client_id = "x"\ntoken_url = "http://a.test/token"\n',
        ", [oauth]: key 'token_url': starts with https://",
    ),
    "tokens in the environment": (
        TOKENS + 'client_id = "x"\ntoken_url = "https://a.test"\ntokens = "env:X"\n',
        ", [oauth]: key 'tokens': is written too; file:PATH or keyring:SERVICE/USER",
    ),
    "a key of the client's": (
        TOKENS + 'client = "x"\n',
        ", [[accounts]] 'support', [oauth]: unknown key 'client'; did you mean 'client_id'?",
    ),
    "no then": ("[[rules]]\nwhen = {}\n", ", [[rules]] number 1: key 'then' is missing"),
    "unknown hours": (
        OFFICE + ACCOUNT + 'hours = "offce"\n',
        ", [[accounts]] 'support': key 'hours': unknown hours 'offce'; did you mean 'office'?",
    ),
    "hours where there are none": (
        ACCOUNT + 'hours = "office"\n',
        ", [[accounts]] 'support': hours 'office': there is no section [hours.NAME] yet",
    ),
    "hours that never open": (
        "[hours.office]\n",
        ", [hours.office]: hours 'office' never open: give at least one day a span",
    ),
    "two of a name": (
        ACCOUNT * 2,
        ", [[accounts]] 'support': there are two accounts of this name; rename one",
    ),
    "a span": (
        '[hours.office]\nmon = ["09:00-10:00", "9-17"]\n',
        ", [hours.office]: key 'mon': '9-17' is not a span like '09:00-12:30'",
    ),
    "an empty span": (
        '[hours.office]\nmon = ["09:00-09:00"]\n',
        ", [hours.office]: key 'mon': '09:00-09:00' is no span; the whole day is '00:00-24:00'",
    ),
    "a region": (
        OFFICE + 'holidays = "XX"\n',
        ", [hours.office]: key 'holidays': 'XX' is not a region",
    ),
    "a part of one": (
        OFFICE + 'holidays = "DE-XX"\n',
        ", [hours.office]: key 'holidays': 'DE-XX' is not a region",
    ),
    "a date": (
        OFFICE + 'closed = ["2026-13-01"]\n',
        ", [hours.office]: key 'closed': '2026-13-01' is not a date like '2026-12-24'",
    ),
    "one date": (
        OFFICE + 'closed = "2026-12-24"\n',
        ", [hours.office]: key 'closed': is a list of dates",
    ),
    "a zone": (
        '[desk]\ntimezone = "Mars/Phobos"\n',
        ", [desk]: key 'timezone': 'Mars/Phobos' is not a time zone",
    ),
    "a zone of hours": (
        OFFICE + 'timezone = "x"\n',
        ", [hours.office]: key 'timezone': 'x' is not",
    ),
    "no zone but a path": ('[desk]\ntimezone = "../../etc/passwd"\n', "is not a time zone"),
    "a duration": (
        '[windows]\nemail = "1 year"\n',
        ", [windows]: key 'email': this value is not a length of time",
    ),
    "a number": (
        "[windows]\nemail = 5\n",
        ", [windows]: key 'email': is a length of time in quotes",
    ),
    "no time at all": (
        ACCOUNT + 'every = "0m"\n',
        ", [[accounts]] 'support': key 'every': '0m' is out of range",
    ),
    "a pattern": (
        '[[rules]]\nwhen = { subject = "/(/" }\nthen = {}\n',
        ", [[rules]] number 1, key 'when': key 'subject': '/(/' is not a regular expression",
    ),
    "a rule's window": (
        '[[rules]]\nthen = { window = "soon" }\n',
        ", [[rules]] number 1, key 'then': key 'window': 'soon' is not a length of time",
    ),
    "an address": (
        ACCOUNT.replace("support@acme", "acme"),
        ", [[accounts]] 'support': key 'address': is a mail address",
    ),
    "a server": (
        ACCOUNT.replace("imaps://", "https://"),
        ", [[accounts]] 'support': key 'imap': is an address like 'imaps://mail.example.com'",
    ),
    "a name with a colon": (
        ACCOUNT.replace('"support"', '"a:b"'),
        ", [[accounts]] 'a:b': key 'name': ",
    ),
    "broken TOML": (
        "[desk\n",
        ": Expected ']' at the end of a table declaration (at line 1, column 6)",
    ),
}


@pytest.mark.parametrize(("text", "said"), ERRORS.values(), ids=ERRORS)
def test_every_error_names_its_place_and_what_to_write(text: str, said: str) -> None:
    message = complaint(text)
    assert message.startswith(str(PATH))
    assert said in message


def test_all_that_is_wrong_with_a_section_is_said_at_once() -> None:
    assert complaint('[[accounts]]\nname = "a"\nchannel = "email"\n').splitlines() == [
        f"{PATH}, [[accounts]] 'a': key '{key}' is missing"
        for key in ("address", "imap", "smtp", "password")
    ]


LITERALS = {
    "instead of a reference": MAILBOX + f'password = "{SECRET}"\n',
    "like a reference": MAILBOX + f'password = "pass:{SECRET}"\n',
    "in the keyring's place": MAILBOX + f'password = "keyring:{SECRET}"\n',
    "in a list": MAILBOX + f'password = ["{SECRET}"]\n',
    "in a table": MAILBOX + f'password = {{ env = "{SECRET}" }}\n',
    "under a wrong key": ACCOUNT + f'passwort = "{SECRET}"\n',
    "in a server's address": ACCOUNT.replace("imaps://", f"imaps://ann:{SECRET}@"),
    "as a signing key": f'[desk]\nsigning_key = "{SECRET}"\n',
    "not closed": MAILBOX + f'password = "{SECRET}\n',
    "not closed, last": MAILBOX + f'password = "{SECRET}',
    "not quoted": MAILBOX + f"password = {SECRET}\n",
    "closed wrongly": MAILBOX + f"password = \"{SECRET}'\n",
    "without an equals sign": MAILBOX + f'password "{SECRET}"\n',
    "given twice": ACCOUNT + f'password = "{SECRET}"\n',
    "on a line of its own": MAILBOX + f"{SECRET}\n",
    "with a backslash": MAILBOX + f'password = "{SECRET}\\q"\n',
    "with a control character": MAILBOX + f'password = "{SECRET}\x01"\n',
    "followed by something": MAILBOX + f'password = "{SECRET}" x\n',
    "in three quotes": MAILBOX + f'password = """{SECRET}\n',
}


@pytest.mark.parametrize("text", LITERALS.values(), ids=LITERALS)
def test_a_literal_secret_is_refused_and_never_repeated(text: str) -> None:
    message = complaint(text)
    assert message.startswith(str(PATH))
    assert SECRET not in message
    assert SECRET[:6] not in message
    assert SECRET[-6:] not in message


def test_a_literal_password_in_the_database_s_url_is_refused() -> None:
    message = complaint(f'[desk]\ndatabase = "postgresql://user:{SECRET}@host/name"\n')
    assert "[desk]: key 'database'" in message
    assert SECRET not in message


MISPLACED = {
    "every": ACCOUNT + f'every = "{SECRET}"\n',
    "channel": ACCOUNT.replace('"email"', f'"{SECRET}"'),
    "hours": ACCOUNT + f'hours = "{SECRET}"\n',
    "timezone": f'[desk]\ntimezone = "{SECRET}"\n',
}


@pytest.mark.parametrize("text", MISPLACED.values(), ids=MISPLACED)
def test_a_secret_pasted_into_a_wrong_line_is_not_repeated(text: str) -> None:
    assert SECRET.casefold() not in complaint(text).casefold()


@pytest.mark.parametrize("text", ["x = " + "1" * 5000, "x = " + "[" * 5000], ids=["long", "deep"])
def test_toml_that_the_reader_gives_up_on_is_a_configuration_error(text: str) -> None:
    assert str(PATH) in complaint(text)


@pytest.mark.parametrize(
    "text",
    ['[hours.office]\nmon = "09:00-10:00"\n', '[hours]\nmon = ["09:00-10:00"]\n',
     "accounts = [1]\n",
     '[[rules]]\nwhen = "x"\nthen = {}\n', '[accounts.support]\nchannel = "email"\n'],
    ids=["string for list", "hours without a name", "number for section", "string for table",
         "table"],
)  # fmt: skip
def test_a_wrong_kind_of_value_is_explained_in_the_words_of_the_file(text: str) -> None:
    message = complaint(text)
    assert not any(word in message for word in ("tuple", "dictionary", "instance of"))


def test_relative_paths_start_at_the_file(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(
        MAILBOX + 'password = "file:pw"\nca = "ca.pem"\n[desk]\ndatabase = "sqlite:///sub/x.db"\n'
    )
    (tmp_path / "pw").write_text(SECRET + "\n")
    config = load_config(tmp_path / "config.toml", MODELS)
    (account,) = config.accounts
    assert isinstance(account, EmailSettings)
    assert account.password
    assert account.password.resolve() == SECRET
    assert account.ca == tmp_path / "ca.pem"
    assert House(config, channels={}).database_url == f"sqlite:///{tmp_path}/sub/x.db"
    assert SECRET not in repr(account)


def test_absolute_paths_and_other_databases_stay_as_they_are(tmp_path: Path) -> None:
    for url in ("sqlite:////var/lib/x.db", "postgresql://user@host/name"):
        config = parse_config(f'[desk]\ndatabase = "{url}"\n', tmp_path / "config.toml", MODELS)
        assert House(config, channels={}).database_url == url


def test_an_unknown_account_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="unknown account 'suport'; did you mean 'support'"):
        read(ACCOUNT).account("suport")


def test_an_account_is_asked_for_where_there_is_none() -> None:
    with pytest.raises(ConfigError, match="unknown account 'support'; there is none yet"):
        read("").account("support")


def test_a_change_that_moves_deadlines_changes_the_fingerprint() -> None:
    texts = [
        ISSUE,
        ISSUE.replace('lead = "10m"', 'lead = "11m"'),
        ISSUE.replace('email = "6h"', 'email = "5h"'),
        ISSUE.replace("15:00", "15:30"),
        ISSUE.replace("DE-BY", "DE"),
        ISSUE.replace('"2026-12-24"', '"2026-12-23"'),
        ISSUE.replace("pricing", "price"),
    ]
    configs = [read(text) for text in texts]
    prints = {config.fingerprint(config.account("support")) for config in configs}
    assert len(prints) == len(texts)


def test_a_change_that_moves_nothing_keeps_the_fingerprint() -> None:
    before, after = read(ISSUE), read(ISSUE.replace("Acme support", "Us").replace('"1m"', '"2m"'))
    assert before.fingerprint(before.accounts[0]) == after.fingerprint(after.accounts[0])


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, and a home that holds nothing yet."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home" / ".config"))
    return here


def mine(folders: Path) -> Path:
    path = Path(os.environ["XDG_CONFIG_HOME"]) / "replyby" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text("")
    return path


def test_the_path_given_comes_first(folders: Path) -> None:
    (folders / "config.toml").write_text("")
    assert find_config("other.toml") == Path("other.toml")


def test_the_working_folder_comes_before_the_user_s_own(folders: Path) -> None:
    mine(folders)
    (folders / "config.toml").write_text("")
    assert find_config(None).absolute() == folders / "config.toml"


def test_the_user_s_own_folder_comes_last(folders: Path) -> None:
    path = mine(folders)
    assert find_config(None) == path


def test_where_there_is_none_the_places_are_named(folders: Path) -> None:
    with pytest.raises(ConfigError, match=r"no configuration: neither .*--config PATH"):
        find_config(None)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"can't read .*/nope.toml: No such file"):
        load_config(tmp_path / "nope.toml", MODELS)
    with pytest.raises(ConfigError, match=r"can't read .*: Is a directory"):
        load_config(tmp_path, MODELS)
    (tmp_path / "latin.toml").write_bytes(f'name = "{SECRET}\xe9"'.encode("latin-1"))
    with pytest.raises(ConfigError, match=r"latin.toml is not UTF-8 text"):
        load_config(tmp_path / "latin.toml", MODELS)
