from collections.abc import Iterable

from google.protobuf.message import Message
from temporalio.api.failure.v1 import Failure
from temporalio.client import WorkflowHistory
from temporalio.testing import WorkflowEnvironment

from activities.failures import MAX_TEXT, BareFailures
from domain.errors import RecordRejected
from domain.states import RegistrationStatus
from tests.workflows.failing import LONG, failed
from tests.workflows.hiccups import fails_once
from tests.workflows.world import World

ZEBEDEE = "Zebedee"


async def test_a_failed_activity_leaves_neither_causes_nor_a_bugs_words_in_the_history(
    env: WorkflowEnvironment,
) -> None:
    run = await failed(env.client, ZEBEDEE, "fails", BareFailures())

    history = await run.fetch_history()
    told = {failure.application_failure_info.type: failure for failure in _failures(history)}
    assert told.keys() == {"PaymentUnavailable", "KeyError"}
    assert told["KeyError"].message.startswith("KeyError in failing.py, line ")
    assert told["PaymentUnavailable"].message == LONG[:MAX_TEXT]
    assert not any(failure.HasField("cause") for failure in told.values())
    assert not _says(history, ZEBEDEE)


async def test_the_workers_let_nothing_more_into_a_history(world: World) -> None:
    registration_id = await world.scheduled()
    error = RecordRejected("23514", "refused")
    error.__cause__ = KeyError(ZEBEDEE)
    fails_once(world.records, "open_attempt", error)

    row = await world.ended(registration_id)

    assert row.status is RegistrationStatus.COMPLETED
    history = await world.run(registration_id).fetch_history()
    (failure,) = _failures(history)
    assert (failure.message, failure.HasField("cause")) == ("refused", False)
    assert failure.application_failure_info.type == "RecordRejected"
    assert not _says(history, ZEBEDEE)


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
