"""config.toml written by us: all of a new one, an account more in one that is there."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from monitor.asking import Kind
from monitor.config import LEAD_WINDOW
from monitor.duration import format_duration
from monitor.errors import ConfigError

Written = Mapping[str, tuple[str, Kind]]

_NEW = """\
# replyby reads this file as ./config.toml, from --config PATH, or from the user's configuration
# folder. `replyby init` wrote it, and adds an account when it is run again; change it as you like.

[desk]
name = {name}
timezone = {zone}
database = "sqlite:///replyby.db"        # relative to this file; or postgresql://user@host/name
{people}
# How long a customer may wait for an answer.
[windows]
{windows}
lead = "{lead}"                             # a sales lead, on whichever channel it comes

# Business hours: say hours = "office" in an account, else its clock never stops.
# [hours.office]
# mon = ["09:00-12:30", "13:00-18:00"]   # and tue, wed, thu, fri, sat, sun
# holidays = "DE-BY"                     # a country, or a country and its region

# What is a lead, what is tagged, what is ignored: the first rule that matches wins.
# [[rules]]
# when = {{ to = "sales@" }}
# then = {{ lead = true, tags = ["sales"] }}

# [terminal]
# theme = "dark"                         # "light", "high-contrast", "ansi"
# quiet = "18:00-08:00"                  # no bell and no notification then
"""


def new_file(name: str, zone: str, people: Sequence[str], windows: Mapping[str, timedelta]) -> str:
    """A configuration without an account; `windows` are the usual ones, by channel."""
    listed = "".join(f"\n[[people]]\nname = {quoted(person)}\n" for person in people)
    none = "\n# Who works here; once somebody is named, nobody else can answer.\n"
    none += '# [[people]]\n# name = "ann"\n'
    return _NEW.format(
        name=quoted(name),
        zone=quoted(zone),
        people=listed or none,
        lead=format_duration(LEAD_WINDOW),
        windows=_each(windows),
    )


def _each(windows: Mapping[str, timedelta]) -> str:
    """The shortest first."""
    ordered = sorted(windows.items(), key=lambda item: (item[1], item[0]))
    return "\n".join(f'{channel} = "{format_duration(window)}"' for channel, window in ordered)


def account_block(name: str, channel: str, written: Written) -> str:
    """An account's section as text; keys with a dot stand in a section below it."""
    lines = ["", "[[accounts]]", f"name = {quoted(name)}", f"channel = {quoted(channel)}"]
    lines += [_pair(key, *value) for key, value in written.items() if "." not in key]
    for section in dict.fromkeys(key.partition(".")[0] for key in written if "." in key):
        lines += [f"[accounts.{section}]", *_within(section, written)]
    return "\n".join([*lines, ""])


def _within(section: str, written: Written) -> Iterator[str]:
    for key, value in written.items():
        where, _, name = key.partition(".")
        if name and where == section:
            yield _pair(name, *value)


def _pair(key: str, text: str, kind: Kind) -> str:
    if kind is Kind.YES_NO:
        return f"{key} = {'true' if text == 'yes' else 'false'}"
    return f"{key} = {float(text) if kind is Kind.NUMBER else quoted(text)}"


def quoted(text: str) -> str:
    """A basic string of TOML; what JSON escapes TOML escapes alike."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def read_if_there(path: Path) -> str | None:
    """The text of the file, None where there is none; ConfigError where it can't be read."""
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8 text") from None
    except OSError as error:
        raise ConfigError(f"can't read {path}: {error.strerror}") from None


def replace(path: Path, text: str) -> None:
    """The whole text or nothing of it; the mode of a file that is there is kept."""
    real = path.resolve()  # a link to it stays one
    mode = stat.S_IMODE(real.stat().st_mode) if real.exists() else 0o600
    name = ""
    try:
        real.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{real.name}.", dir=real.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, mode)  # beside os.replace
        os.replace(name, real)
        name = ""
    except OSError as error:
        raise ConfigError(f"can't write {path}: {error.strerror}") from None
    finally:
        if name:
            with suppress(OSError):
                os.unlink(name)
