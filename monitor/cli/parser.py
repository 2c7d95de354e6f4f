"""The parser of every command, apart from what finds the command: a prompt goes without it."""

from __future__ import annotations

import argparse
from typing import NoReturn

USAGE = 2


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one clean line; `code` is the exit code for that."""

    code = USAGE

    def error(self, message: str) -> NoReturn:
        from monitor.clean import clean_line

        self.exit(self.code, f"replyby: {clean_line(message)}\n{self.format_usage()}")
