"""The programs as processes of their own, with the stack's environment."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest import mock

from typer.testing import CliRunner, Result

from console.app import app
from sandbox.environment import of_program
from sandbox.program import ROOT
from tests.stack.world import World

SECONDS = 60
AT_ONCE = 3
Done = subprocess.CompletedProcess[str]


def operators_environment(world: World) -> dict[str, str]:
    """That of both programs, with the key that may do everything."""
    own = {name: world.env[name] for name in ("TEMPORAL_UI_URL", "SUPABASE_SERVICE_ROLE_KEY")}
    return {**of_program("mcp", world.env), **of_program("deploy", world.env), **own}


def run(argv: Sequence[str], env: dict[str, str]) -> Done:
    """That program of ours to its end."""
    return subprocess.run(  # noqa: S603 - our own programs
        [sys.executable, *argv],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def starter(world: World, *arguments: str, env: Mapping[str, str] | None = None) -> Done:
    """`python starter.py ...`, in this process: one of its own takes a second to load everything.

    That it runs as a program too is shown in test_settings_missing.py and tests/console.
    """

    def ask() -> Result:
        with mock.patch.dict(os.environ, env or operators_environment(world), clear=True):
            return CliRunner().invoke(app, arguments, prog_name="python starter.py")

    # In a thread: a command runs an event loop of its own, and so may the test.
    with ThreadPoolExecutor(1) as thread:
        ended = thread.submit(ask).result(SECONDS)
    return Done(arguments, ended.exit_code, ended.stdout, ended.stderr)


def starters(world: World, *commands: Sequence[str]) -> list[Done]:
    """Several commands one after the other; what each ended in."""
    return [starter(world, *command) for command in commands]


def said(done: Done) -> str:
    return done.stdout + done.stderr


def printed(done: Done) -> Any:
    """The JSON of a command that must succeed."""
    assert done.returncode == 0, said(done)
    return json.loads(done.stdout)
