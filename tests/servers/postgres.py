"""A private PostgreSQL, with a fresh database for every test that wants one."""

import itertools
import signal
import subprocess
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql

from .need import program
from .process import LOOPBACK, Server, free_port

_USER = "replyby"
_SHARED_MEMORY_LINE = 6


class Postgres(Server):
    """Postgres() as a context manager is running, Postgres(durable=True) writes to the disk."""

    name = "pg"
    # Both mean PostgreSQL's immediate mode: no waiting for clients or for a checkpoint.
    polite = signal.SIGQUIT
    sudden = signal.SIGQUIT

    def __init__(self, *, durable: bool = False) -> None:
        self._initdb = _program("initdb")
        self._postgres = _program("postgres")
        self.durable = durable
        self.port = free_port()
        self._numbers = itertools.count(1)
        super().__init__()

    def url(self, database: str) -> str:
        return f"postgresql://{_USER}@{LOOPBACK}:{self.port}/{database}"

    def new_database(self, like: str | None = None) -> str:
        """The URL of a new database: empty, or a copy of the one with the URL given."""
        name = f"test_{next(self._numbers)}"
        template = "template0" if like is None else _database(like)
        self._tell("create database {} template {}", name, template)
        return self.url(name)

    def drop(self, url: str) -> None:
        self._tell("drop database if exists {} with (force)", _database(url))

    def close(self) -> None:
        self.stop()
        self._free_shared_memory()
        super().close()

    def _prepare(self) -> None:
        self._make_folder("data")
        self._run(
            [
                self._initdb,
                f"--pgdata={self.folder / 'data'}",
                f"--username={_USER}",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-instructions",
                # A crash of the machine in the middle of a test run loses nothing of value.
                "--no-sync",
            ]
        )

    def _command(self) -> list[str]:
        settings = {
            "listen_addresses": LOOPBACK,
            "port": self.port,
            "unix_socket_directories": self.folder,
            "max_connections": 100,
            # In the data folder, to go with it even after kill().
            "dynamic_shared_memory_type": "mmap",
            # All else stays as in real life: what was committed even outlives kill().
            "fsync": "on" if self.durable else "off",
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        return [self._postgres, "-D", str(self.folder / "data"), *options]

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _free_shared_memory(self) -> None:
        # After kill() nobody else would, until the machine has none left to give.
        pid_file = self.folder / "data" / "postmaster.pid"
        lines = pid_file.read_text().splitlines() if pid_file.exists() else []
        if len(lines) > _SHARED_MEMORY_LINE:
            number = lines[_SHARED_MEMORY_LINE].split()[-1]
            subprocess.run(["ipcrm", "-m", number], capture_output=True, timeout=10, check=False)

    def _tell(self, statement: LiteralString, *names: str) -> None:
        identifiers = [sql.Identifier(name) for name in names]
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*identifiers))


def _program(name: str) -> str:
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    newest_first = sorted(versions, key=lambda path: int(path.parent.name), reverse=True)
    return program(name, "postgresql", newest_first)


def _database(url: str) -> str:
    return url.rpartition("/")[2].partition("?")[0]
