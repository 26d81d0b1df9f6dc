"""How registrations are shown. Never their summary: it holds the children's first names."""

from collections.abc import Sequence
from typing import Any

from console.output import NOTHING, both, local, print_sheet, print_table, utc
from console.workflow_views import WorkflowAnswer
from domain.answers import RegistrationAnswer
from domain.money import Money


def facts(answer: RegistrationAnswer) -> dict[str, Any]:
    """The registration for programs."""
    return answer.model_dump(mode="json", exclude={"summary", "fee_action_url"})


def facts_with_workflow(
    answer: RegistrationAnswer, workflow: WorkflowAnswer, link: str | None
) -> dict[str, Any]:
    """The registration for programs, with its workflow's own view."""
    return {
        **facts(answer),
        "workflow": workflow.view,
        "workflow_note": workflow.note,
        "web_ui": link,
    }


def print_registration(answer: RegistrationAnswer) -> None:
    """Everything known of one registration."""
    print_sheet(_sheet(answer))


def print_registration_with_workflow(
    answer: RegistrationAnswer, workflow: WorkflowAnswer, link: str | None
) -> None:
    """Everything known of one registration, and what its workflow says."""
    print_sheet({**_sheet(answer), **_workflow_sheet(workflow), "Web UI": link})


def print_registrations(answers: Sequence[RegistrationAnswer]) -> None:
    """One line a registration."""
    print_table(
        ["Code", "Status", "Fee", "Opens", "Opens (UTC)", "Organisation", "Program", "Receipt"],
        [
            [
                answer.code,
                answer.status.value,
                answer.fee_status.value,
                local(answer.scheduled_time, answer.time_zone),
                utc(answer.scheduled_time),
                answer.org_ref,
                f"{answer.program_ref} {answer.event_id}",
                answer.receipt_code or NOTHING,
            ]
            for answer in answers
        ],
    )


def _sheet(answer: RegistrationAnswer) -> dict[str, str | None]:
    return {
        "Registration": f"{answer.code}  {answer.registration_id}",
        "Status": answer.status.value,
        "Opens": both(answer.scheduled_time, answer.time_zone),
        "Program": f"{answer.provider} {answer.org_ref} {answer.program_ref} {answer.event_id}",
        "Fee": f"{_money(answer.success_fee_cents, answer)} ({answer.fee_status.value})",
        "Limit": _money(answer.max_total_cents, answer),
        "Digest": answer.summary_digest,
        "Booking": answer.booking_number,
        "Price": _money(answer.price_cents, answer),
        "Receipt": answer.receipt_code,
        "Queue": _queue(answer),
        "First request": _first_request(answer),
        "Failure": _failure(answer),
    }


def _workflow_sheet(workflow: WorkflowAnswer) -> dict[str, str | None]:
    view = workflow.view
    problems = [f"{found.sentence} ({found.code})" for found in view.problems] if view else []
    return {
        "Workflow": view.phase if view else workflow.note,
        "Problems": "\n".join(problems) or None,
        "Audit head": view.standing.audit_head if view and view.standing else None,
    }


def _money(cents: int | None, answer: RegistrationAnswer) -> str | None:
    return None if cents is None else str(Money(amount_cents=cents, currency=answer.currency))


def _first_request(answer: RegistrationAnswer) -> str | None:
    if answer.first_request_at is None:
        return None
    sent = both(answer.first_request_at, answer.time_zone)
    return sent if answer.lateness_ms is None else f"{sent}, {answer.lateness_ms} ms late"


def _queue(answer: RegistrationAnswer) -> str | None:
    if answer.queue_place is None:
        return None
    place = f"{answer.queue_place} of {answer.queue_length} at this organiser and opening"
    if answer.send_at is None:
        return place
    return f"{place}, sent at {both(answer.send_at, answer.time_zone)}"


def _failure(answer: RegistrationAnswer) -> str | None:
    if answer.failure_code is None:
        return answer.error_message
    return f"{answer.failure_code.value}: {answer.error_message or 'no more is known'}"
