"""A registration's standing, told as a task: its status, its words, when to look, its outcome."""

from datetime import datetime, timedelta

from mcp.server.mcpserver.tools import Tool
from mcp_types import CallToolResult

from domain.answers import ProgressAnswer, RegistrationAnswer
from domain.opening import in_words
from domain.refusals import Reason
from domain.states import UNDER_WAY, FeeStatus, RegistrationStatus
from mcp_server.errors import failed
from mcp_server.tasks.task import Task, TaskStatus

SOONEST = timedelta(seconds=2)
"""Between two looks, around the opening: the outcome is seconds away."""

SELDOMMEST = timedelta(hours=1)
"""Between two looks, while it sleeps for weeks: the opening may be moved meanwhile."""

REVIEWED = timedelta(minutes=5)
"""Between two looks, while a person decides."""

LOOKS_AHEAD = 10
"""A look comes after this part of the time that is left: then none is late by much, and there are
few in all."""

_FEE = {
    FeeStatus.DUE: " The success fee is still due: the card was declined.",
    FeeStatus.REQUIRES_ACTION: " The bank asks the parent to approve the success fee.",
    FeeStatus.REFUNDED: " The success fee was given back.",
}


def task_of(progress: ProgressAnswer, tool: Tool, now: datetime) -> Task:
    """Its task. `tool` is the one whose call became it: the outcome has the form of its answer."""
    answer = progress.registration
    status, again = status_of(answer), next_look(answer, now)
    return Task(
        task_id=answer.registration_id,
        status=status,
        status_message=words_for(answer, now),
        created_at=progress.confirmed_at,
        last_updated_at=progress.changed_at,
        poll_interval_ms=round(again.total_seconds() * 1_000) if again else None,
        result=_outcome(answer, tool, now) if status is TaskStatus.COMPLETED else None,
    )


def status_of(answer: RegistrationAnswer) -> TaskStatus:
    """The status of its task. One that has ended keeps it, whatever becomes of the place later."""
    match answer.status:
        case RegistrationStatus.COMPLETED | RegistrationStatus.FAILED:
            return TaskStatus.COMPLETED
        case RegistrationStatus.CANCELLED if answer.booking_number is not None:
            return TaskStatus.COMPLETED
        case RegistrationStatus.CANCELLED:
            return TaskStatus.CANCELLED
        case _:
            return TaskStatus.WORKING


def words_for(answer: RegistrationAnswer, now: datetime) -> str:
    """Where it stands, in a sentence or two for the parent."""
    match answer.status:
        case RegistrationStatus.PENDING if now < answer.scheduled_time:
            opens = in_words(answer.scheduled_time, answer.time_zone)
            return f"Registration opens on {opens}. It is booked then, unattended."
        case RegistrationStatus.COMPLETED:
            booked = f"Booked: {answer.booking_number}, receipt {answer.receipt_code}."
            return booked + _FEE.get(answer.fee_status, "")
        case RegistrationStatus.FAILED:
            return answer.error_message or "No place was booked."
        case RegistrationStatus.NEEDS_REVIEW:
            return "Our team checks with the organiser whether it is booked. The outcome follows."
        case RegistrationStatus.CANCELLED if answer.booking_number is not None:
            return "It was booked, and the place was given back." + _FEE.get(answer.fee_status, "")
        case RegistrationStatus.CANCELLED:
            return "Cancelled. Nothing was booked and nothing charged."
        case _:
            return "It is being booked. The outcome follows."


def next_look(answer: RegistrationAnswer, now: datetime) -> timedelta | None:
    """In how long looking again makes sense; None once the task has ended."""
    if answer.status is RegistrationStatus.NEEDS_REVIEW:
        return REVIEWED
    if answer.status not in UNDER_WAY:
        return None
    left = (answer.send_at or answer.scheduled_time) - now
    return min(max(left / LOOKS_AHEAD, SOONEST), SELDOMMEST)


def _outcome(answer: RegistrationAnswer, tool: Tool, now: datetime) -> CallToolResult:
    """What the tool would answer now; where no place was booked, as a failure too."""
    told = tool.fn_metadata.convert_result(answer)
    assert isinstance(told, CallToolResult)  # noqa: S101 - it is no question
    if answer.status is not RegistrationStatus.FAILED or answer.failure_code is None:
        return told
    failure = failed((Reason(code=answer.failure_code.value, sentence=words_for(answer, now)),))
    both = {**told.structured_content, **failure.structured_content}
    return failure.model_copy(update={"structured_content": both})
