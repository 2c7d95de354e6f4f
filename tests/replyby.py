"""The command as people run it: in a process of its own, or quicker, inside this one."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from unittest.mock import patch

from monitor.cli import main

COMMAND = (sys.executable, "-m", "monitor")
Done = subprocess.CompletedProcess[str]


def replyby(words: Sequence[str], folder: Path, env: Mapping[str, str]) -> Done:
    """Run it in a folder, in a process of its own."""
    return subprocess.run(
        [*COMMAND, *words],
        cwd=folder,
        env=os.environ | dict(env),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def replyby_inside(words: Sequence[str], folder: Path, env: Mapping[str, str]) -> Done:
    """The same, without the second that a new process takes to load everything."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.chdir(folder),
        patch.dict(os.environ, env),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            code = main(words)
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else 1
    return Done(list(words), code, out.getvalue(), err.getvalue())
