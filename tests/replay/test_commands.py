"""The order of commands: as it was recorded, and as the code of today gives it."""

from collections.abc import Iterable
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import UnsandboxedWorkflowRunner

from domain.identifiers import cancellation_workflow_id
from gateways.payload_codec import data_converter
from tests.replay import (
    record,
    record_backups,
    record_erasures,
    record_recoveries,
    record_sweeps,
)
from tests.replay.commands import beside, commands_of, judged
from tests.replay.fee_endings import cancelled_and_refunded
from tests.workflows import sweeping
from tests.workflows.time_skipping import time_skipping_server
from tests.workflows.world import build_world
from workflows.cancellation import CancellationWorkflow
from workflows.replaying import replayer

HISTORIES = record.HISTORIES
RECORDED = sorted(HISTORIES.rglob("*.json"))
REORDERED = HISTORIES / "found_by_registration" / "cancelled_and_refunded.json"

ANEW = [f"{folder}/{name}" for folder, stories in record.RECORDED.items() for name in stories]
SHORTEST = {"on_the_instant/cancelled_asleep", "armed/cancelled_while_armed"}
"""Always run anew; the others where there is time."""

OTHERS: tuple[Any, ...] = (record_backups, record_erasures, record_recoveries, record_sweeps)
"""Each records one of its stories into its folder."""


def _read(path: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json("read", path.read_text())


def _type(history: WorkflowHistory) -> str:
    return history.events[0].workflow_execution_started_event_attributes.workflow_type.name


@cache
def _known(workflow_type: str) -> list[list[str]]:
    """The commands of every committed history of that workflow."""
    of_type = [path for path in RECORDED if _type(_read(path)) == workflow_type]
    return [beside(path).read_text().splitlines() for path in of_type]


def test_beside_each_history_are_its_commands() -> None:
    wrong = [
        str(path.relative_to(HISTORIES))
        for path in RECORDED
        if not beside(path).exists()
        or beside(path).read_text().splitlines() != commands_of(_read(path))
    ]
    assert not wrong, (
        "These histories were recorded over, or have no commands beside them yet. A history of "
        "runs that may still sleep is never recorded over; what is new is written by "
        f"`python -m tests.replay.commands`: {wrong}"
    )


@pytest.mark.parametrize(
    "story",
    [each if each in SHORTEST else pytest.param(each, marks=pytest.mark.full) for each in ANEW],
)
async def test_run_anew_it_goes_a_way_that_was_recorded(
    story: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, name = story.split("/")
    monkeypatch.setattr(record, "HISTORIES", tmp_path)

    await record.record(folder, name)

    _check(tmp_path / folder, HISTORIES / folder, "tests.replay.record")


@pytest.mark.full
@pytest.mark.parametrize(
    ("recorder", "story"),
    [pytest.param(each, story, id=story.__name__) for each in OTHERS for story in each.STORIES],
)
async def test_so_does_what_is_no_registration(
    recorder: Any, story: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    committed = recorder.HISTORIES
    monkeypatch.setattr(recorder, "HISTORIES", tmp_path)
    # By their numbers the recorder finds its runs: it begins with the first.
    monkeypatch.setattr(sweeping, "_numbers", count(1))

    await recorder.record(story)

    _check(tmp_path, committed, recorder.__name__)


def _check(fresh: Path, committed: Path, recorder: str) -> None:
    for path in sorted(fresh.glob("*.json")):
        went = commands_of(_read(path))
        if went not in _known(_type(_read(path))):
            before = beside(committed / path.name).read_text().splitlines()
            pytest.fail(judged(path.stem, before, went, f"python -m {recorder}") or "")


async def test_two_steps_in_another_order_break_the_replay_and_the_fingerprint(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert await _replayed(REORDERED) is None
    _settle_after_the_refund(monkeypatch)

    broken = await _replayed(REORDERED)
    fresh = await _commands_of_a_cancellation()

    assert "[TMPRL1100] Nondeterminism error" in str(broken)
    assert "settle_outstanding_charge" in str(broken)
    said = judged("cancelled_and_refunded", beside(REORDERED).read_text().splitlines(), fresh, "R")
    assert said is not None
    assert "+activity refund_fee\n activity settle_outstanding_charge\n-activity refund_fee" in said
    assert "NOT safe" in said
    assert 'workflow.patched("a-name-for-it")' in said


@pytest.mark.parametrize(
    ("fresh", "verdict"),
    [
        (["activity a", "activity b"], None),
        (["activity a", "patch c-too", "activity c", "activity b"], "Runs that sleep are safe"),
        (["activity a", "activity c", "patch c-too", "activity b"], "NOT safe"),
        (["activity a"], "NOT safe"),
        (["activity a", "activity b", "activity c"], "NOT safe"),
    ],
    ids=["as before", "behind a patch", "before its patch", "one step less", "one more"],
)
def test_a_change_is_safe_only_behind_its_patch(fresh: list[str], verdict: str | None) -> None:
    said = judged("booked", ["activity a", "activity b"], fresh, "python -m tests.replay.record")

    assert (said is None) == (verdict is None)
    if said is not None and verdict is not None:
        assert verdict in said
        assert "python -m tests.replay.record" in said


def _settle_after_the_refund(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same cancellation, two of its steps the other way round."""
    settle: Any = getattr(CancellationWorkflow, "_decide_charges")  # noqa: B009 - it is private
    refund: Any = getattr(CancellationWorkflow, "_fee_given_back")  # noqa: B009 - likewise
    kept: list[Any] = []

    async def first(self: Any) -> None:
        kept.append(await refund(self))

    async def then(self: Any) -> Any:
        await settle(self)
        return kept.pop()

    monkeypatch.setattr(CancellationWorkflow, "_decide_charges", first)
    monkeypatch.setattr(CancellationWorkflow, "_fee_given_back", then)


async def _replayed(path: Path) -> Exception | None:
    """Outside the sandbox, which would load the workflow anew, without the change."""
    judge = replayer(data_converter(), runner=UnsandboxedWorkflowRunner())
    result = await judge.replay_workflow(_read(path), raise_on_replay_failure=False)
    return result.replay_failure


async def _commands_of_a_cancellation() -> Iterable[str]:
    async with time_skipping_server() as env:
        world = await build_world(env)
        async with world.served(workflow_runner=UnsandboxedWorkflowRunner()):
            registration_id = await cancelled_and_refunded(world)
            run = world.client.get_workflow_handle(cancellation_workflow_id(registration_id))
            await run.result()
            return commands_of(await run.fetch_history())
