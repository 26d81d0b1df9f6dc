"""The programs as processes of their own, with the stack's environment."""

import json
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sandbox.environment import of_program
from sandbox.program import ROOT
from tests.stack.world import World

SECONDS = 60
AT_ONCE = 3
Done = subprocess.CompletedProcess[str]


def operators_environment(world: World) -> dict[str, str]:
    ui = {"TEMPORAL_UI_URL": world.env["TEMPORAL_UI_URL"]}
    return {**of_program("mcp", world.env), **of_program("deploy", world.env), **ui}


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


def starter(world: World, *arguments: str) -> Done:
    """`python starter.py ...`"""
    return run(["starter.py", *arguments], operators_environment(world))


def starters(world: World, *commands: Sequence[str]) -> list[Done]:
    """Several commands side by side; what each ended in, in order."""

    def one(command: Sequence[str]) -> Done:
        return starter(world, *command)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, commands))


def said(done: Done) -> str:
    return done.stdout + done.stderr


def printed(done: Done) -> Any:
    """The JSON of a command that must succeed."""
    assert done.returncode == 0, said(done)
    return json.loads(done.stdout)
