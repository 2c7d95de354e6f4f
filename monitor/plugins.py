"""Which channels and commands are installed, found by their entry points."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, cast

from monitor.errors import ConfigError

if TYPE_CHECKING:
    from monitor.command import Command
    from monitor.connector import Channel

CHANNELS = "replyby.connectors"
COMMANDS = "replyby.commands"


@cache
def channels() -> Mapping[str, Channel]:
    """Every installed channel by the name that `channel = …` uses."""
    return {entry.name: cast("Channel", _load(entry)()) for entry in entry_points(group=CHANNELS)}


@cache
def command_entries() -> Mapping[str, EntryPoint]:
    """Commands that other packages bring, not loaded yet."""
    return {entry.name: entry for entry in entry_points(group=COMMANDS)}


def command(name: str) -> Command:
    """A command that another package brings."""
    return cast("Command", _load(command_entries()[name])())


def _load(entry: EntryPoint) -> type[object]:
    try:
        return cast("type[object]", entry.load())
    except ImportError as error:
        raise ConfigError(
            f"the plug-in '{entry.name}' ({entry.value}) can't be loaded: {error}"
        ) from error
