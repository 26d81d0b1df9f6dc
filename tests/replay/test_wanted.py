"""There is a history of every workflow, of every way it ends or sleeps."""

from pathlib import Path

from temporalio.client import WorkflowHistory

from tests.replay.record import ENCRYPTED, HISTORIES
from tests.replay.wanted import IMPOSSIBLE, WANTED, ending_of, wanted
from workflows.registered import NAMES


def test_no_workflow_and_no_ending_is_without_a_history() -> None:
    recorded = {_ending(path) for path in HISTORIES.rglob("*.json") if _in_clear(path)}
    missing = sorted(wanted() - recorded)
    assert not missing, (
        "Nothing would show that a change breaks these. Write a story of each in a file "
        "tests/replay/*_endings.py, and record it: python -m tests.replay.record. Or say in "
        f"tests/replay/wanted.py why no run can come to it. Missing: {missing}"
    )


def test_what_is_said_to_be_impossible_would_be_asked_for() -> None:
    every = {f"{name}: {ending}" for name, endings in WANTED.items() for ending in endings}
    assert IMPOSSIBLE.keys() <= every
    assert WANTED.keys() <= NAMES.keys()


def _in_clear(path: Path) -> bool:
    return path.parent.name != ENCRYPTED


def _ending(path: Path) -> str:
    return ending_of(WorkflowHistory.from_json("read", path.read_text()))
