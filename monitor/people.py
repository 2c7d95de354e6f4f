"""`[[people]]` of config.toml: who works here, and which of them sits at this terminal."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Annotated

from pydantic import AfterValidator, Field

from monitor.clean import shown
from monitor.errors import UsageError
from monitor.settings import Section

NAME_CHARS = 60


def person_name(value: str) -> str:
    if not value.strip() or value != value.strip() or len(value) > NAME_CHARS:
        raise ValueError(f"is a name of at most {NAME_CHARS} characters, without spaces around it")
    if not value.isprintable() or "," in value:
        raise ValueError("is a printable name without a comma")
    return value


class Person(Section):
    """One of `[[people]]`: `name` stands in claims and logs, `login` is theirs on this machine.

    `email` is where alerts for them may go; nothing is sent there by itself.
    """

    name: Annotated[str, AfterValidator(person_name)]
    login: Annotated[str, Field(max_length=NAME_CHARS)] = ""
    email: Annotated[str, Field(max_length=320, pattern=r"^([^@\s]+@[^@\s]+)?$")] = ""


def check_people(people: Sequence[Person], me: str) -> None:
    """ValueError where two have one name or login, or `me` is none of them."""
    for kind in ("name", "login"):
        given = [value for person in people if (value := getattr(person, kind))]
        twice = sorted({value for value in given if given.count(value) > 1})
        if twice:
            raise ValueError(f"two people have the {kind} {shown(twice[0])}; change one")
    names = [person.name for person in people]
    if me and names and me not in names:
        raise ValueError(f"key 'me' of [desk] is {shown(me)}, who is none of them")


def sitting_here(people: Sequence[Person], me: str, login: str) -> str:
    """Whose terminal it is where nobody said `--as`: by login, else as configured, else the login.

    "" where even the login name isn't known.
    """
    by_login = next((person.name for person in people if login and person.login == login), "")
    return by_login or me or login


def known(name: str, people: Sequence[Person]) -> str:
    """The same name; UsageError with all names where people are named and this is none of them."""
    names = [person.name for person in people]
    if not names or name in names:
        return name
    near = get_close_matches(name, names, n=1)
    ask = f"did you mean '{near[0]}'? " if near else ""
    raise UsageError(f"nobody here is called {shown(name)}; {ask}there are: {', '.join(names)}")
