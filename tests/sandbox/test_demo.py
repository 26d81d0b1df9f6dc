import fcntl
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from sandbox import environment
from sandbox.complaint import SandboxError
from sandbox.demo.chat import chatting
from sandbox.demo.narrator import Narrator
from sandbox.demo.swim_team import SwimTeam
from sandbox.demo.tale import Tale
from sandbox.ports import is_free
from sandbox.probe import wait_until
from sandbox.program import ROOT

pytestmark = pytest.mark.timeout(240)

COLUMNS = 80
MADE_UP_ELSEWHERE = {"STRIPE_API_BASE": "http://127.0.0.1:1", "TEMPORAL_ADDRESS": "127.0.0.1:1"}


def _demo(folder: Path, *options: str, **variables: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "sandbox", "demo", *options],
        cwd=ROOT,
        env={**os.environ, **variables, "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def starting(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    process = _demo(tmp_path)
    yield process
    process.kill()
    process.communicate(timeout=30)


def test_it_tells_one_registration_from_chat_to_receipt_and_stays_until_ctrl_c(
    tmp_path: Path,
) -> None:
    with _demo(tmp_path, "--ahead", "5", "--stay", **MADE_UP_ELSEWHERE) as process:
        try:
            said = _story(process)
            (data,) = tmp_path.iterdir()
            sold_out(data)
            process.send_signal(signal.SIGINT)
            _, complained = process.communicate(timeout=90)
        finally:
            process.kill()
    assert (process.returncode, complained) == (0, "")
    assert not re.search(r"\x1b|\r|Traceback", said)
    receipt = re.search(r"^(REG-[A-Z0-9]{8}): both children are booked", said, re.MULTILINE)
    assert receipt
    assert f"Your receipt is {receipt[1]}." in said
    assert "completed, fee paid" in said
    assert "the hash chain holds" in said
    assert re.search(
        r"/namespaces/default/workflows/registration-[0-9a-f-]{36}$", said, re.MULTILINE
    )
    tale, _, _ = said.partition("Look around")
    wide = [line for line in tale.splitlines() if len(line) > COLUMNS and "http://" not in line]
    assert not wide
    assert not list(tmp_path.iterdir())


def _story(process: "subprocess.Popen[str]") -> str:
    """What it prints until it waits for Ctrl-C, or ends."""
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if "until Ctrl-C" in line:
            break
    return "".join(lines)


def sold_out(data: Path) -> None:
    """Have the tale told in that running world of a program with one place for two children."""
    tale = Tale(
        data,
        environment.read(data),
        Narrator(Console(file=StringIO())),
        ahead_seconds=4,
        team=SwimTeam.new(1),
    )
    with pytest.raises(SandboxError, match=r"SCH-\w+ was not booked \(failed, sold_out\)\. \w+"):
        tale.tell()


@pytest.mark.full
def test_a_sold_out_program_ends_it_with_the_reason_and_stays_to_be_looked_at(
    tmp_path: Path,
) -> None:
    with _demo(tmp_path, "--ahead", "4", "--places", "1", "--stay") as process:
        try:
            said = _story(process)
            process.send_signal(signal.SIGINT)
            _, complained = process.communicate(timeout=90)
        finally:
            process.kill()
    assert process.returncode == 1
    assert "Temporal Web UI" in said
    assert re.match(r"SCH-\w+ was not booked \(failed, sold_out\)\. \w+", complained)
    assert "Traceback" not in said + complained
    logs = re.search(r"^What its programs said is in (.+)\.$", complained, re.MULTILINE)
    assert logs
    assert (Path(logs[1]) / "worker.log").stat().st_size > 0


def test_ctrl_c_ends_every_program_and_removes_what_was_written(
    starting: subprocess.Popen[str], tmp_path: Path
) -> None:
    assert starting.stdout is not None
    assert any("postgres: ready" in line for line in starting.stdout)
    starting.send_signal(signal.SIGINT)
    said, complained = starting.communicate(timeout=90)
    assert (starting.returncode, complained) == (130, "")
    assert "Interrupted" in said
    assert not list(tmp_path.iterdir())
    assert wait_until(lambda: not _running_in(tmp_path), 20)


def test_a_folder_in_use_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        process = _demo(tmp_path, "--data", str(tmp_path))
        _, complained = process.communicate(timeout=60)
    assert process.returncode == 1
    assert complained.startswith("Another sandbox already runs in ")


async def test_a_silent_chat_server_is_a_sentence() -> None:
    assert is_free(9)
    with pytest.raises(SandboxError, match=r"The chat server failed \(ConnectError\)"):
        async with chatting("http://127.0.0.1:9/mcp", "a token"):
            pass


def _running_in(folder: Path) -> list[str]:
    found: list[str] = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if str(folder) in command:
            found.append(command)
    return found
