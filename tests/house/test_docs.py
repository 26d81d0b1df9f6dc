"""What the documentation tells a reader to type exists."""

import re
import shlex
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import typer.main

from tests.house.tree import ROOT, own_files, read

COMMANDS_IN_COMMENTS = (Path("docker-compose.yml"), Path(".env.example"), Path("Makefile"))
DOCUMENTS = [
    file
    for file in own_files()
    if (file.suffix == ".md" or file in COMMANDS_IN_COMMENTS) and file.parts[0] != "tests"
]

FENCED = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
MAKE = re.compile(r"^make((?: +[a-z][\w-]*)*)")
PYTHON = re.compile(r"\bpython3? ((?:-m [\w.]+|[\w/]+\.py)\b[^`]*)")
ENDS = {"|", "&&", ";", ">", ">>", "&", "#"}

ELSEWHERE = {"venv", "pip", "http.server"}
"""Modules of Python itself."""


def _quoted(file: Path) -> list[str]:
    text = read(file)
    if file.suffix != ".md":
        return [line.strip().lstrip("# ") for line in text.splitlines() if PYTHON.search(line)]
    blocks = [line for block in FENCED.findall(text) for line in block.splitlines()]
    lines = [*blocks, *INLINE.findall(FENCED.sub("", text))]
    return [line.strip().removeprefix("$ ") for line in lines]


@cache
def _targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", read(Path("Makefile")), re.MULTILINE))


def _command_line(program: str) -> Any:
    """The typer application behind it; None where it is another kind of program."""
    module = import_module({"starter": "console.app"}.get(program, program))
    if hasattr(module, "__path__") and find_spec(f"{program}.__main__"):
        module = import_module(f"{program}.__main__")
    app: Any = getattr(module, "app", None)
    return typer.main.get_command(app) if isinstance(app, typer.Typer) else None


def _words(typed: str) -> Iterator[str]:
    for word in shlex.split(re.sub(r"[\[\]…]|\.\.\.", " ", typed), comments=True):
        bare = word.rstrip(";")
        if bare in ENDS or bare.startswith((">", "|")):
            return
        yield bare
        if bare != word:
            return


def _check_python(typed: str) -> None:
    words = list(_words(typed))
    if words[0] == "-m":
        program, rest = words[1], words[2:]
        assert program in ELSEWHERE or find_spec(program), f"there is no module {program}"
    else:
        assert (ROOT / words[0]).exists(), f"there is no {words[0]}"
        program, rest = words[0].removesuffix(".py").replace("/", "."), words[1:]
    command = None if program in ELSEWHERE else _command_line(program)
    for word in rest:
        commands: dict[str, Any] = getattr(command, "commands", {})
        if commands and not word.startswith("-"):
            assert word in commands, f"{program} has no command {word}"
            command = commands[word]
        elif command is not None and word.startswith("--") and word != "--help":
            options = {
                name for option in command.params for name in (*option.opts, *option.secondary_opts)
            }
            assert word.split("=")[0] in options, f"{typed}: there is no {word}"


@pytest.mark.parametrize("file", DOCUMENTS, ids=str)
def test_every_command_that_is_quoted_exists(file: Path) -> None:
    for line in _quoted(file):
        if made := MAKE.match(line):
            unknown = set(made[1].split()) - _targets()
            assert not unknown, f"make has no target {unknown}"
        if run := PYTHON.search(line):
            _check_python(run[1])


def test_a_command_that_does_not_exist_would_be_found() -> None:
    with pytest.raises(AssertionError, match="no command frobnicate"):
        _check_python("starter.py frobnicate")
    with pytest.raises(AssertionError, match="no --loudly"):
        _check_python("-m sandbox up --loudly")
    with pytest.raises(AssertionError, match="no module sandboxes"):
        _check_python("-m sandboxes up")
