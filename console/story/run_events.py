"""A workflow's history as steps: who asked, what was tried, and which worker died over it."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.enums.v1 import TimeoutType, WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory
from temporalio.converter import DataConverter

from console.story.payloads import Payloads
from console.story.results import codes, result_in_words, title, went_wrong
from console.story.steps import MILLISECOND, Clock, Step
from domain.contracts import Standing
from domain.refusals import Reason

LATE = timedelta(seconds=1)
"""A timer that fires by so much later found no worker, or a busy server."""

TEMPORAL = "Temporal"
Told = list[Step]
Handler = Callable[[HistoryEvent, Any], Awaitable[None]]


class RunEvents:
    """Reads one history, event by event; what began is kept until it ends.

    Attributes:
        steps: what was read so far.
        end: where the run said that the row stands, when it ended.
        ended_as: how the run ended; None while it is open.
        unread: why some of its payloads could not be read.
    """

    def __init__(self, converter: DataConverter) -> None:
        self.steps: Told = []
        self.end: Standing | None = None
        self.ended_as: str | None = None
        self._payloads = Payloads(converter)
        self._begun: dict[int, HistoryEvent] = {}
        self._updates: dict[str, str] = {}

    @property
    def unread(self) -> str | None:
        """Why some payloads could not be read; None where all were."""
        return self._payloads.unread

    async def read(self, history: WorkflowHistory) -> None:
        """Everything in it, oldest first."""
        for event in history.events:
            self._begun[event.event_id] = event
            name = event.WhichOneof("attributes")
            handler: Handler | None = getattr(self, f"_{name}", None) if name else None
            if name and handler is not None:
                await handler(event, getattr(event, name))

    def _tell(self, event: HistoryEvent, who: str, what: str, *, trouble: bool = False) -> None:
        self.steps.append(
            Step(
                at=at(event.event_time),
                clock=Clock.TEMPORAL,
                who=who or TEMPORAL,
                what=what,
                trouble=trouble,
            )
        )

    async def _workflow_execution_started_event_attributes(
        self, event: HistoryEvent, told: Any
    ) -> None:
        self._tell(event, told.identity, f"Its run begins ({told.workflow_type.name}).")

    async def _timer_fired_event_attributes(self, event: HistoryEvent, told: Any) -> None:
        begun = self._begun[told.started_event_id]
        slept = begun.timer_started_event_attributes.start_to_fire_timeout.ToTimedelta()
        words = await self._payloads.first([begun.user_metadata.summary])
        late = at(event.event_time) - at(begun.event_time) - slept
        by = f", {late / MILLISECOND:.0f} ms late" if late > LATE else ""
        self._tell(event, TEMPORAL, f"Woke from “{words or 'a timer'}”{by}.", trouble=late > LATE)

    async def _activity_task_completed_event_attributes(
        self, event: HistoryEvent, told: Any
    ) -> None:
        name, before = await self._tries(told)
        facts = await self._payloads.facts(told.result.payloads)
        self._tell(
            event,
            told.identity,
            f"{title(name)}: {result_in_words(name, facts)}{self._took(event, told)}{before}.",
            trouble=bool(before) or went_wrong(name, facts),
        )

    async def _activity_task_failed_event_attributes(self, event: HistoryEvent, told: Any) -> None:
        name, before = await self._tries(told)
        said = await self._payloads.in_words(told.failure)
        self._tell(event, told.identity, f"{title(name)} failed: {said}{before}.", trouble=True)

    async def _activity_task_timed_out_event_attributes(
        self, event: HistoryEvent, told: Any
    ) -> None:
        name, before = await self._tries(told)
        started = self._begun.get(told.started_event_id)
        worker = started.activity_task_started_event_attributes.identity if started else ""
        said = await self._payloads.in_words(told.failure)
        self._tell(
            event,
            worker,
            f"{title(name)}: {said}. The worker died, hung, or was never there{before}.",
            trouble=True,
        )

    async def _activity_task_canceled_event_attributes(
        self, event: HistoryEvent, told: Any
    ) -> None:
        name, before = await self._tries(told)
        self._tell(event, told.identity, f"{title(name)}: given up as asked{before}.")

    async def _activity_task_cancel_requested_event_attributes(
        self, event: HistoryEvent, told: Any
    ) -> None:
        name = self._begun[told.scheduled_event_id].activity_task_scheduled_event_attributes
        self._tell(event, "its run", f"{title(name.activity_type.name)}: asked back.")

    async def _marker_recorded_event_attributes(self, event: HistoryEvent, told: Any) -> None:
        if told.marker_name != "core_local_activity":
            return
        about = await self._payloads.facts(told.details["data"].payloads) or {}
        name = str(about.get("activity_type", "a step"))
        if told.HasField("failure"):
            said = await self._payloads.in_words(told.failure)
            self._tell(event, "its run", f"{title(name)} failed: {said}.", trouble=True)
            return
        facts = await self._payloads.facts(told.details["result"].payloads)
        tried = int(about.get("attempt", 1))
        again = f" (at try {tried})" if tried > 1 else ""
        self._tell(event, "its run", f"{title(name)}: {result_in_words(name, facts)}{again}.")

    async def _workflow_task_timed_out_event_attributes(
        self, event: HistoryEvent, told: Any
    ) -> None:
        started = self._begun.get(told.started_event_id)
        worker = started.workflow_task_started_event_attributes.identity if started else ""
        kind = TimeoutType.Name(told.timeout_type).removeprefix("TIMEOUT_TYPE_").lower()
        self._tell(
            event,
            worker,
            "A worker took the run's next step and did not answer in time "
            f"({kind.replace('_', ' ')}): it died, or hung. Another goes on.",
            trouble=True,
        )

    async def _workflow_task_failed_event_attributes(self, event: HistoryEvent, told: Any) -> None:
        cause = WorkflowTaskFailedCause.Name(told.cause)
        said = await self._payloads.in_words(told.failure)
        self._tell(
            event,
            told.identity,
            f"The run's next step failed ({cause.split('_CAUSE_')[-1].lower()}): {said}.",
            trouble=True,
        )

    async def _workflow_execution_update_accepted_event_attributes(
        self, event: HistoryEvent, told: Any
    ) -> None:
        name = str(told.accepted_request.input.name)
        self._updates[told.protocol_instance_id] = name
        self._tell(event, told.accepted_request.meta.identity, f"Asked: {name.replace('_', ' ')}.")

    async def _workflow_execution_update_completed_event_attributes(
        self, event: HistoryEvent, told: Any
    ) -> None:
        name = self._updates.get(told.meta.update_id, "what was asked").replace("_", " ")
        if told.outcome.HasField("failure"):
            said = await self._payloads.in_words(told.outcome.failure)
            self._tell(event, "its run", f"Answered to {name}: {said}.", trouble=True)
            return
        facts = await self._payloads.facts(told.outcome.success.payloads) or {}
        reasons = tuple(Reason.model_validate(one) for one in facts.get("reasons") or ())
        said = f"refused: {codes(reasons)}" if reasons else "done"
        self._tell(event, "its run", f"Answered to {name}: {said}.")

    async def _workflow_execution_cancel_requested_event_attributes(
        self, event: HistoryEvent, told: Any
    ) -> None:
        self._tell(event, told.identity, "The run was asked from outside to end.", trouble=True)

    async def _workflow_execution_terminated_event_attributes(
        self, event: HistoryEvent, told: Any
    ) -> None:
        self.ended_as = "terminated"
        because = f" ({told.reason})" if told.reason else ""
        self._tell(event, told.identity, f"The run was terminated{because}.", trouble=True)

    async def _workflow_execution_failed_event_attributes(
        self, event: HistoryEvent, told: Any
    ) -> None:
        self.ended_as = "failed"
        said = await self._payloads.in_words(told.failure)
        self._tell(event, "its run", f"The run failed: {said}.", trouble=True)

    async def _workflow_execution_timed_out_event_attributes(
        self, event: HistoryEvent, _told: Any
    ) -> None:
        self.ended_as = "timed out"
        self._tell(event, TEMPORAL, "The run ran out of its time.", trouble=True)

    async def _workflow_execution_completed_event_attributes(
        self, event: HistoryEvent, told: Any
    ) -> None:
        self.ended_as = "completed"
        facts = await self._payloads.facts(told.result.payloads)
        if facts and "audit_head" in facts:
            self.end = Standing.model_validate(facts)
        self._tell(event, "its run", "The run has nothing left to do, and ends.")

    async def _tries(self, told: Any) -> tuple[str, str]:
        """The activity's name, and what its earlier tries ended in."""
        scheduled = self._begun[told.scheduled_event_id].activity_task_scheduled_event_attributes
        started = self._begun.get(told.started_event_id)
        name = scheduled.activity_type.name
        if started is None:
            return name, ""
        begun = started.activity_task_started_event_attributes
        if begun.attempt <= 1:
            return name, ""
        if not begun.HasField("last_failure"):
            return name, f" (at try {begun.attempt})"
        last = await self._payloads.in_words(begun.last_failure)
        return name, f" (at try {begun.attempt}; the one before: {last})"

    def _took(self, event: HistoryEvent, told: Any) -> str:
        started = self._begun.get(told.started_event_id)
        if started is None:
            return ""
        took = at(event.event_time) - at(started.event_time)
        return f" ({took / MILLISECOND:.0f} ms)"


def at(told: Timestamp) -> datetime:
    """The instant, by Temporal's clock."""
    return told.ToDatetime(UTC)
