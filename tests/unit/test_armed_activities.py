from base64 import b64encode
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.api.workflowservice.v1 import RespondActivityTaskFailedRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.armed_activities import HandedOut, TemporalActivities
from domain.attempts import ArmedBy
from domain.errors import WorkflowsUnreachable
from domain.identifiers import registration_workflow_id
from gateways.payload_codec import data_converter
from tests.payload_keys import KEYS

WORKFLOW_OF = registration_workflow_id


class Temporal:
    """A client that answers as it is told, and knows what was failed."""

    def __init__(self) -> None:
        self.pending: list[PendingActivityInfo] = []
        self.error: RPCError | None = None
        self.named: list[dict[str, object]] = []

    def get_workflow_handle(self, _workflow_id: str) -> "Temporal":
        return self

    def get_async_activity_handle(self, **named: object) -> "Temporal":
        self.named.append(named)
        return self

    async def describe(self, **_options: object) -> SimpleNamespace:
        self._answer()
        raw = SimpleNamespace(pending_activities=self.pending)
        return SimpleNamespace(run_id="run", raw_description=raw)

    async def fail(self, _error: Exception, **_options: object) -> None:
        self._answer()

    def _answer(self) -> None:
        if self.error is not None:
            raise self.error

    @property
    def activities(self) -> TemporalActivities:
        return TemporalActivities(cast("Client", cast("Any", self)))


def pending(name: str, state: str, attempt: int = 2) -> PendingActivityInfo:
    info = PendingActivityInfo(activity_id="5", attempt=attempt)
    info.activity_type.name = name
    info.state = PendingActivityState.Value(f"PENDING_ACTIVITY_STATE_{state}")
    return info


def refusal(status: RPCStatusCode) -> RPCError:
    return RPCError("no", status, b"")


@pytest.mark.parametrize("state", ["STARTED", "CANCEL_REQUESTED"])
async def test_a_booking_that_a_process_has_is_named_with_its_attempt(state: str) -> None:
    temporal = Temporal()
    temporal.pending = [pending("tell_parent", "STARTED"), pending("book", state)]
    armed_by = ArmedBy(run_id="run", activity_id="5")
    assert await temporal.activities.handed_out(uuid4()) == HandedOut(armed_by, attempt=2)


async def test_a_booking_that_waits_for_a_process_is_in_nobodys_hands() -> None:
    temporal = Temporal()
    temporal.pending = [pending("book", "SCHEDULED")]
    assert await temporal.activities.handed_out(uuid4()) is None
    temporal.error = refusal(RPCStatusCode.NOT_FOUND)
    assert await temporal.activities.handed_out(uuid4()) is None


async def test_a_death_is_told_of_the_very_attempt_where_it_is_known() -> None:
    temporal, registration_id = Temporal(), uuid4()
    armed_by = ArmedBy(run_id="run", activity_id="5")
    await temporal.activities.report_death(registration_id, armed_by)
    token = b64encode(b"token").decode()
    known = armed_by.model_copy(update={"task_token": token})
    await temporal.activities.report_death(registration_id, known)
    workflow_id = WORKFLOW_OF(registration_id)
    assert temporal.named == [
        {"workflow_id": workflow_id, "run_id": "run", "activity_id": "5"},
        {"task_token": b"token"},
    ]


async def test_what_is_told_of_a_death_is_encrypted_with_the_client_s_keys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = await Client.connect("127.0.0.1:1", lazy=True, data_converter=data_converter(KEYS))
    sent: list[RespondActivityTaskFailedRequest] = []

    async def take(request: RespondActivityTaskFailedRequest, **_options: object) -> None:
        sent.append(request)

    monkeypatch.setattr(client.workflow_service, "respond_activity_task_failed", take)
    armed_by = ArmedBy(run_id="run", activity_id="5", task_token=b64encode(b"token").decode())
    await TemporalActivities(client).report_death(uuid4(), armed_by)

    (told,) = sent
    assert told.task_token == b"token"
    assert told.failure.application_failure_info.type == "LaneDied"
    assert told.failure.message == "Encoded failure"
    assert told.failure.encoded_attributes.metadata["encryption-key-id"] == b"new"


async def test_an_attempt_that_ended_meanwhile_is_no_error_and_silence_is_one() -> None:
    temporal, armed_by = Temporal(), ArmedBy(run_id="run", activity_id="5")
    temporal.error = refusal(RPCStatusCode.NOT_FOUND)
    await temporal.activities.report_death(uuid4(), armed_by)
    temporal.error = refusal(RPCStatusCode.UNAVAILABLE)
    with pytest.raises(WorkflowsUnreachable):
        await temporal.activities.report_death(uuid4(), armed_by)
    with pytest.raises(WorkflowsUnreachable):
        await temporal.activities.handed_out(uuid4())
