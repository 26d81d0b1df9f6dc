"""The supervisor as a process of its own, with parts of a few lines."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox.probe import wait_until
from sandbox.processes import alive
from supervisor import FIRST_PAUSE, LEASH, LONGEST_PAUSE, STEADY, Pauses, command

SECONDS = 20
"""Within which anything here must happen; most takes some tens of milliseconds."""

PART = """
import os, signal, sys, time
name, *ways = sys.argv[1:]
record = open(name, "a+", buffering=1)
record.seek(0)
starts = len(record.readlines()) + 1

def told(number, frame):
    os.write(1, f"told {name}\\n".encode())
    sys.exit(0 if "end-badly" not in ways else 7)

signal.signal(signal.SIGTERM, signal.SIG_IGN if "stay" in ways else told)
print(os.getpid(), file=record)
if "refuse" in ways or ("refuse-later" in ways and starts == 2):
    sys.exit(2)
if "die" in ways and starts <= 3:
    sys.exit(1)
time.sleep(60)
"""


class Supervised:
    """A supervisor in a folder of its own, in which each part notes its starts."""

    def __init__(self, folder: Path, *parts: str, patience: float) -> None:
        program = folder / "part.py"
        program.write_text(PART)
        self._folder = folder
        self._said = folder / "said"
        with self._said.open("wb") as said:
            self.process = subprocess.Popen(  # noqa: S603 - our own program
                command(program, [part.split() for part in parts], patience=patience),
                cwd=folder,
                stdout=said,
                stderr=said,
            )

    def pids(self, part: str) -> list[int]:
        """The processes that this part has been, oldest first."""
        record = self._folder / part
        return [int(line) for line in record.read_text().splitlines()] if record.exists() else []

    def pid(self, part: str, start: int = 1) -> int:
        """Its process at that start, once it is there."""
        assert wait_until(lambda: len(self.pids(part)) >= start, SECONDS), self.said()
        return self.pids(part)[start - 1]

    def said(self) -> str:
        return self._said.read_text()

    def events(self, name: str) -> list[dict[str, object]]:
        lines = [line for line in self.said().splitlines() if line.startswith("{")]
        return [event for line in lines if (event := json.loads(line))["event"] == name]

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(SECONDS)


Supervise = Callable[..., Supervised]


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Supervise]:
    """Starts a supervisor of these parts, once."""
    begun: list[Supervised] = []

    def begin(*parts: str, patience: float = SECONDS) -> Supervised:
        begun.append(Supervised(tmp_path, *parts, patience=patience))
        return begun[-1]

    yield begin
    for supervised in begun:
        supervised.process.kill()
        supervised.process.wait(SECONDS)


@pytest.fixture
def running(supervise: Supervise) -> Supervised:
    """Two parts that do nothing but live."""
    supervised = supervise("lanes", "rest")
    supervised.pid("lanes")
    supervised.pid("rest")
    return supervised


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_part_that_ends_by_itself_is_started_again_and_the_other_is_left_alone(
    running: Supervised, number: int
) -> None:
    os.kill(running.pid("lanes"), number)
    assert alive(running.pid("lanes", start=2))
    assert len(running.pids("rest")) == 1
    assert alive(running.pid("rest"))
    (ended,) = running.events("part_ended")
    assert (ended["part"], ended["again_in_seconds"]) == ("lanes", FIRST_PAUSE)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_end_it_tells_its_parts_and_waits_for_them(
    running: Supervised, number: int
) -> None:
    assert running.end(number) == 0
    assert sorted(running.said().splitlines()) == ["told lanes", "told rest"]
    assert not alive(running.pid("lanes"))
    assert not alive(running.pid("rest"))


def test_its_parts_die_with_it_even_when_it_is_killed(running: Supervised) -> None:
    running.end(signal.SIGKILL)
    pids = [running.pid("lanes"), running.pid("rest")]
    assert wait_until(lambda: not any(map(alive, pids)), SECONDS)


def test_a_program_whose_parent_is_already_gone_does_not_begin() -> None:
    somebody_else = [*LEASH, str(os.getppid()), sys.executable, "-c", "print('begun')"]
    leashed = subprocess.run(somebody_else, capture_output=True, text=True, check=False)  # noqa: S603 - our own program
    assert leashed.returncode == 1
    assert "the parent ended" in leashed.stderr
    assert leashed.stdout == ""


def test_a_part_that_keeps_dying_is_waited_with_ever_longer(supervise: Supervise) -> None:
    supervised = supervise("lanes die", "rest")
    supervised.pid("lanes", start=4)
    pauses = [event["again_in_seconds"] for event in supervised.events("part_ended")]
    assert pauses == [0.1, 0.2, 0.4]
    assert len(supervised.pids("rest")) == 1
    assert supervised.end() == 0


def test_the_pauses_are_bounded_and_a_long_life_makes_them_short_again() -> None:
    pauses = Pauses()
    assert [pauses.after(lived=1) for _ in range(9)][-2:] == [LONGEST_PAUSE, LONGEST_PAUSE]
    assert pauses.after(lived=STEADY) == FIRST_PAUSE
    assert pauses.after(lived=1) == 2 * FIRST_PAUSE


def test_a_part_that_refuses_its_environment_ends_all_with_its_exit_code(
    supervise: Supervise,
) -> None:
    supervised = supervise("lanes", "rest refuse")
    assert supervised.process.wait(SECONDS) == 2
    assert len(supervised.pids("rest")) == 1
    assert not any(map(alive, supervised.pids("lanes")))


def test_a_refusal_after_it_once_began_does_not_end_the_others(supervise: Supervise) -> None:
    supervised = supervise("lanes", "rest refuse-later")
    os.kill(supervised.pid("rest"), signal.SIGKILL)
    assert alive(supervised.pid("rest", start=3))
    assert len(supervised.pids("lanes")) == 1
    assert supervised.end() == 0


def test_a_part_that_does_not_end_is_killed_and_told_of(supervise: Supervise) -> None:
    supervised = supervise("lanes", "rest stay", patience=0.3)
    supervised.pid("lanes")
    stays = supervised.pid("rest")
    assert supervised.end() == 1
    assert not alive(stays)
    assert [event["part"] for event in supervised.events("part_killed")] == ["rest stay"]


def test_a_part_that_does_not_end_in_order_shows_in_the_exit_code(supervise: Supervise) -> None:
    supervised = supervise("lanes end-badly", "rest")
    supervised.pid("lanes")
    supervised.pid("rest")
    assert supervised.end() == 1
