"""What a terminal can do, told by the environment of whoever sits at it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from monitor.errors import UsageError

Environment = Mapping[str, str]

_NOTHING = ("", "C", "POSIX")
_UTF8 = ("utf-8", "utf8")
_WORK = "`replyby work` does the same line by line"


class Charset(Enum):
    """UTF8 shows everything; ASCII was asked for, or a locale that promises no more;
    OTHER takes the bytes of UTF-8 for something else, control characters among them."""

    UTF8 = "utf-8"
    ASCII = "ascii"
    OTHER = "other"


def need_full_screen(environment: Environment, *, tty: bool, instead: str = _WORK) -> None:
    """UsageError, with what does it instead, where no full screen can be drawn."""
    if environment.get("TERM", "") in ("dumb", "unknown"):
        reason = f"this terminal (TERM={environment['TERM']}) can't show a full screen"
    elif not tty:
        reason = "a full screen needs a terminal, and this is none"
    else:
        return
    raise UsageError(f"{reason}; {instead}")


def no_colour(environment: Environment) -> bool:
    """Whether colour is not wanted (https://no-color.org: set, and not empty)."""
    return bool(environment.get("NO_COLOR"))


def charset(environment: Environment) -> Charset:
    """As the locale says; where it says nothing, UTF-8, which is what Python assumes too."""
    locale = _locale(environment)
    if locale is None or any(locale.lower().endswith(ending) for ending in _UTF8):
        return Charset.UTF8
    return Charset.ASCII if locale in _NOTHING else Charset.OTHER


def _locale(environment: Environment) -> str | None:
    """The first of POSIX's three variables that is set and not empty, without its modifier."""
    names = ["LC_ALL", "LC_CTYPE", "LANG"]
    if environment.get("LC_CTYPE") == "C.UTF-8" and environment.get("LANG") in _NOTHING[1:]:
        names.remove("LC_CTYPE")  # Python itself has put it there (PEP 538)
    given = (environment.get(name) for name in names)
    return next((value.partition("@")[0] for value in given if value), None)
