"""`python starter.py ...`, that knows only the variables given."""

import os
import subprocess
import sys
from pathlib import Path
from unittest import mock

from typer.testing import CliRunner, Result

from console.app import app

ROOT = Path(__file__).resolve().parent.parent.parent
SECONDS = 60
"""Generous: several suites may share a small machine."""


def starter(*arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """As a process of its own, which takes a second to load everything."""
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, str(ROOT / "starter.py"), *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **(env or {})},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def told(*arguments: str, env: dict[str, str] | None = None) -> Result:
    """In this process."""
    with mock.patch.dict(os.environ, env or {}, clear=True):
        return CliRunner().invoke(app, arguments, prog_name="python starter.py")
