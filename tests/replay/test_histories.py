import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from gateways.payload_codec import data_converter
from tests.replay.armed_endings import ARMED_STORIES
from tests.replay.endings import STORIES
from tests.replay.fee_endings import FEE_STORIES
from tests.replay.review_endings import REVIEW_STORIES
from workflows.cancellation import CancellationWorkflow
from workflows.registration import RegistrationWorkflow
from workflows.review_workflow import ReviewWorkflow
from workflows.sandboxing import workflow_runner
from workflows.sweeps import ProviderNoticed, SweepBookings, SweepFees, SweepRegistrations

HISTORIES = Path(__file__).parent / "histories"

RECORDED = sorted(HISTORIES.rglob("*.json"))

REMEDY = (
    "A committed history no longer replays, so runs that sleep now would break when this is "
    "deployed. Keep the old order of commands for them: guard the change with "
    "workflow.patched('a-name-for-it'), and record a new history beside the old one."
)


@pytest.mark.parametrize(
    "path", sorted(HISTORIES.rglob("*.json")), ids=lambda path: str(path.relative_to(HISTORIES))
)
async def test_a_run_recorded_earlier_replays_under_the_code_of_today(path: Path) -> None:
    replayer = Replayer(
        workflows=[
            RegistrationWorkflow,
            ReviewWorkflow,
            CancellationWorkflow,
            SweepBookings,
            SweepRegistrations,
            SweepFees,
            ProviderNoticed,
        ],
        data_converter=data_converter(),
        workflow_runner=workflow_runner(),
    )
    history = WorkflowHistory.from_json("registration-replayed", path.read_text())

    result = await replayer.replay_workflow(history, raise_on_replay_failure=False)

    assert result.replay_failure is None, f"{REMEDY}\n{result.replay_failure}"


def test_every_ending_has_a_recorded_history() -> None:
    for steps in ("main_job", "on_the_instant"):
        assert {path.stem for path in (HISTORIES / steps).glob("*.json")} >= set(STORIES)
    assert {path.stem for path in (HISTORIES / "review").glob("*.json")} >= set(REVIEW_STORIES)
    assert {path.stem for path in (HISTORIES / "the_fee").glob("*.json")} >= set(FEE_STORIES)
    assert {path.stem for path in (HISTORIES / "armed").glob("*.json")} >= set(ARMED_STORIES)


@pytest.mark.parametrize(
    "path", sorted(HISTORIES.rglob("*.json")), ids=lambda path: str(path.relative_to(HISTORIES))
)
def test_a_history_holds_ids_and_facts_but_no_person(path: Path) -> None:
    said = " ".join(_texts(json.loads(path.read_text())))

    assert "registration_id" in said or path.parent.name == "sweeps"
    for mark in ("Mia", "Lind", "ann@example.com", "555 010", "1985", "2017-05"):
        assert mark not in said, mark


def _texts(node: object) -> Iterator[str]:
    """Every text of the history, its payloads opened."""
    if isinstance(node, dict):
        for key, value in cast("dict[str, object]", node).items():
            if key == "data" and isinstance(value, str):
                yield base64.b64decode(value).decode()
            else:
                yield from _texts(value)
    elif isinstance(node, list):
        for value in cast("list[object]", node):
            yield from _texts(value)
    elif isinstance(node, str):
        yield node
