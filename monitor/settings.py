"""The kinds of value that config.toml holds: lengths of time, secrets, paths, zones, names."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationInfo

from monitor.clean import shown
from monitor.duration import parse_duration
from monitor.secret import Secret


def _duration(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str):
        raise ValueError("is a length of time in quotes, like '15m' or '1h30m'")
    return parse_duration(value)


def _secret(value: object, info: ValidationInfo) -> Secret:
    if not isinstance(value, str):
        raise ValueError("is a reference in quotes: env:NAME, file:PATH or keyring:SERVICE/USER")
    return Secret.parse(value, (info.context or {}).get("base", Path()))


def _path(value: object, info: ValidationInfo) -> Path:
    if not isinstance(value, str) or not value:
        raise ValueError("is a path in quotes")
    base: Path = (info.context or {}).get("base", Path())
    try:
        return base / Path(value).expanduser()
    except (RuntimeError, ValueError):
        raise ValueError("is a path that can't be") from None


def _zone(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("is the name of a time zone in quotes, like 'Europe/Berlin'")
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError(
            f"{shown(value)} is not a time zone; try 'Europe/Berlin' or 'UTC'"
        ) from None
    return value


def account_name(value: str) -> str:
    if not value.strip() or len(value) > 60 or not value.isprintable() or set(value) & set("/:,"):
        raise ValueError("is a short printable name without / : or ,")
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
SecretRef = Annotated[Secret, BeforeValidator(_secret)]
FilePath = Annotated[Path, BeforeValidator(_path)]
Zone = Annotated[str, BeforeValidator(_zone)]


class Section(BaseModel):
    """A section of config.toml: frozen, and with no key but those it names."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)
