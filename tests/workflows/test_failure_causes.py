from collections.abc import Iterable

from google.protobuf.message import Message
from structlog.testing import capture_logs
from temporalio.api.failure.v1 import Failure
from temporalio.client import WorkflowHistory
from temporalio.testing import WorkflowEnvironment

from activities.failures import MAX_TEXT, BareFailures
from domain.errors import RecordRejected
from domain.states import RegistrationStatus
from tests.workflows.failing import LONG, failed
from tests.workflows.hiccups import fails_once
from tests.workflows.world import World
from tests.written_log import written_log

ZEBEDEE = "Zebedee"


async def test_a_failed_activity_leaves_neither_causes_nor_a_bugs_words_in_the_history(
    env: WorkflowEnvironment,
) -> None:
    with written_log() as log:
        run = await failed(env.client, ZEBEDEE, "fails", BareFailures())

    history = await run.fetch_history()
    told = {failure.application_failure_info.type: failure for failure in _failures(history)}
    assert told.keys() == {"PaymentUnavailable", "KeyError"}
    assert told["KeyError"].message.startswith("KeyError in failing.py, line ")
    assert told["PaymentUnavailable"].message == LONG[:MAX_TEXT]
    assert not any(failure.HasField("cause") for failure in told.values())
    assert not _says(history, ZEBEDEE)

    said = [line for line in log.lines if line["logger"] == "temporalio.workflow"]
    assert [line["event"] for line in said] == ["a step failed: ActivityError"] * 2
    assert {(line["workflow"], line["workflow_id"]) for line in said} == {("Failing", "fails")}
    assert ZEBEDEE not in log.getvalue()


async def test_the_workers_let_nothing_more_into_a_history_and_log_each_attempt_in_one_line(
    world: World,
) -> None:
    registration_id = await world.scheduled()
    error = RecordRejected("23514", "refused")
    error.__cause__ = KeyError(ZEBEDEE)
    fails_once(world.records, "open_attempt", error)

    with capture_logs() as lines:
        row = await world.ended(registration_id)

    assert row.status is RegistrationStatus.COMPLETED
    history = await world.run(registration_id).fetch_history()
    (failure,) = _failures(history)
    assert (failure.message, failure.HasField("cause")) == ("refused", False)
    assert failure.application_failure_info.type == "RecordRejected"
    assert not _says(history, ZEBEDEE)

    attempts = [line for line in lines if line["event"] == "attempt"]
    failed = [line for line in attempts if line["outcome"] == "failed"]
    assert [(line["activity"], line["error"]) for line in failed] == [("book", "RecordRejected")]
    assert {line["activity"] for line in attempts if line["outcome"] == "completed"} >= {
        *("preflight", "claim_registration", "book", "charge_success_fee", "record_outcome")
    }
    assert {line["workflow_id"] for line in attempts} == {world.run(registration_id).id}
    assert all(line["attempt"] == 1 and line["duration_ms"] > 0 for line in attempts)


def _failures(history: WorkflowHistory) -> list[Failure]:
    """Every failure in it, causes among them."""
    return [failure for event in history.events for failure in _within(event)]


def _within(message: Message) -> Iterable[Failure]:
    if isinstance(message, Failure):
        yield message
    for field, value in message.ListFields():
        if field.message_type is None or field.message_type.GetOptions().map_entry:
            continue
        for inner in [value] if isinstance(value, Message) else value:
            yield from _within(inner)


def _says(history: WorkflowHistory, words: str) -> bool:
    return any(words.encode() in event.SerializeToString() for event in history.events)
