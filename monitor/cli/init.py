"""`init`: a configuration by asking, one question at a time."""

from __future__ import annotations

import argparse

from monitor.command import Shell


class Init:
    """The first hour."""

    help = (
        "Set up config.toml by answering questions: who you are, and each account, which is tried\n"
        "while you wait. Run it again to add an account; nothing that stands in the file is\n"
        "changed. Secrets go into a file of their own, the keyring or an environment variable,\n"
        "never into config.toml. Answers may be piped in, one a line."
    )

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        pass

    def run(self, args: argparse.Namespace, shell: Shell) -> int:
        from monitor.setup.flow import set_up, where
        from monitor.setup.person import Person

        return set_up(where(shell.given_config), Person(), shell.given_config)
