import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from google.protobuf.json_format import ParseDict
from pydantic import SecretStr
from temporalio.api.common.v1 import Payload
from temporalio.client import WorkflowHistory
from temporalio.worker import WorkflowReplayResult

from gateways.payload_codec import AesGcmCodec, data_converter
from tests.payload_keys import KEYS, OLD, payload_keys
from tests.payloads import keys_of
from tests.replay.armed_endings import ARMED_STORIES
from tests.replay.endings import STORIES
from tests.replay.fee_endings import FEE_STORIES
from tests.replay.record import ENCRYPTED
from tests.replay.record_backups import STORIES as BACKUP_STORIES
from tests.replay.record_erasures import STORIES as ERASURE_STORIES
from tests.replay.record_sweeps import OF_A_SCHEDULE
from tests.replay.recovery_endings import RECOVERY_STORIES
from tests.replay.refusal_endings import REFUSAL_STORIES
from tests.replay.review_endings import REVIEW_STORIES
from workflows.nominal_time import SCHEDULED_START
from workflows.replaying import replayer

HISTORIES = Path(__file__).parent / "histories"

RECORDED = sorted(HISTORIES.rglob("*.json"))
OF_NO_REGISTRATION = {"sweeps", "recoveries", "backups", "erasures"}
NOT_ENCRYPTED = [path for path in RECORDED if path.parent.name != ENCRYPTED]

REMEDY = (
    "A committed history no longer replays, so runs that sleep now would break when this is "
    "deployed. Keep the old order of commands for them: guard the change with "
    "workflow.patched('a-name-for-it'), and record a new history beside the old one. "
    "docs/changing-workflows.md says how."
)


def _named(path: Path) -> str:
    return str(path.relative_to(HISTORIES))


async def _replayed(path: Path, keys: SecretStr | None) -> WorkflowReplayResult:
    history = WorkflowHistory.from_json("registration-replayed", path.read_text())
    judge = replayer(data_converter(keys))
    return await judge.replay_workflow(history, raise_on_replay_failure=False)


async def _check_replay(path: Path, keys: SecretStr | None) -> None:
    result = await _replayed(path, keys)
    assert result.replay_failure is None, f"{REMEDY}\n{result.replay_failure}"


@pytest.mark.parametrize("path", NOT_ENCRYPTED, ids=_named)
async def test_a_run_recorded_earlier_replays_under_the_code_of_today(path: Path) -> None:
    await _check_replay(path, None)


@pytest.mark.parametrize(
    "path",
    [path for path in RECORDED if path.parent.name in {"main_job", ENCRYPTED}],
    ids=_named,
)
async def test_encrypted_or_from_before_any_key_it_replays_where_keys_are_given(path: Path) -> None:
    await _check_replay(path, KEYS)


@pytest.mark.parametrize("keys", [None, payload_keys(OLD)], ids=["no key", "another key"])
async def test_without_its_key_a_run_s_task_fails_and_the_log_names_the_key(
    keys: SecretStr | None, caplog: pytest.LogCaptureFixture
) -> None:
    result = await _replayed(HISTORIES / ENCRYPTED / "still_asleep.json", keys)
    assert "activation completion failed" in str(result.replay_failure)
    assert "the payload key named new is not among PAYLOAD_KEYS here" in caplog.text


def test_every_ending_has_a_recorded_history() -> None:
    for steps in ("main_job", "on_the_instant"):
        assert {path.stem for path in (HISTORIES / steps).glob("*.json")} >= set(STORIES)
    assert {path.stem for path in (HISTORIES / "review").glob("*.json")} >= set(REVIEW_STORIES)
    assert {path.stem for path in (HISTORIES / "the_fee").glob("*.json")} >= set(FEE_STORIES)
    assert {path.stem for path in (HISTORIES / "armed").glob("*.json")} >= set(ARMED_STORIES)
    assert {path.stem for path in (HISTORIES / "refusals").glob("*.json")} >= set(REFUSAL_STORIES)
    recoveries = {path.stem for path in (HISTORIES / "recoveries").glob("*.json")}
    assert recoveries == set(RECOVERY_STORIES)
    assert {path.stem for path in (HISTORIES / "backups").glob("*.json")} >= {
        story.__name__ for story in BACKUP_STORIES
    }
    assert {path.stem for path in (HISTORIES / "erasures").glob("*.json")} >= {
        story.__name__ for story in ERASURE_STORIES
    }


def test_a_run_of_a_schedule_hands_its_nominal_time_to_its_activity() -> None:
    path = HISTORIES / "sweeps" / f"{OF_A_SCHEDULE}.json"
    events = json.loads(path.read_text())["events"]
    started = events[0]["workflowExecutionStartedEventAttributes"]
    due = _opened(started["searchAttributes"]["indexedFields"][SCHEDULED_START.name])

    told = [text for event in events[1:] for text in _texts(event) if '"due"' in text]

    assert [f'"due":{due}' in text for text in told] == [True]


def test_the_encrypted_histories_are_encrypted_and_the_others_are_not() -> None:
    for path in RECORDED:
        events = WorkflowHistory.from_json("replayed", path.read_text()).events
        assert keys_of(events).keys() == ({""} if path in NOT_ENCRYPTED else {"new"})


@pytest.mark.parametrize("path", RECORDED, ids=_named)
def test_a_history_holds_ids_and_facts_but_no_person(path: Path) -> None:
    said = " ".join(_texts(json.loads(path.read_text())))

    assert "registration_id" in said or path.parent.name in OF_NO_REGISTRATION
    for mark in ("Mia", "Lind", "ann@example.com", "555 010", "1985", "2017-05"):
        assert mark not in said, mark


def _opened(payload: dict[str, object]) -> str:
    (opened,) = asyncio.run(AesGcmCodec(KEYS).decode([ParseDict(payload, Payload())]))
    return opened.data.decode()


def _texts(node: object) -> Iterator[str]:
    """Every text of the history, its payloads opened."""
    if isinstance(node, dict):
        for key, value in cast("dict[str, object]", node).items():
            if key == "data" and isinstance(value, str):
                yield _opened(cast("dict[str, object]", node))
            else:
                yield from _texts(value)
    elif isinstance(node, list):
        for value in cast("list[object]", node):
            yield from _texts(value)
    elif isinstance(node, str):
        yield node
