"""Finds the programs a server needs and says which Debian package brings a missing one."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

# An ordinary user's PATH often lacks the folders that Debian puts servers in.
_SERVER_FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/sbin")


class Missing(Exception):
    """A server's program is not installed."""


def program(name: str, package: str, folders: Iterable[Path] = ()) -> str:
    places = [os.environ.get("PATH", os.defpath), *_SERVER_FOLDERS, *map(str, folders)]
    found = shutil.which(name, path=os.pathsep.join(places))
    if found is None:
        raise Missing(f"{name} was not found: install the Debian package {package}")
    return found
