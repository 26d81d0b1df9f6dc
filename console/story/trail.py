"""The audit trail as steps."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from console.review_words import OUTCOMES
from console.story.steps import Clock, Step
from domain.audit import AuditEvent
from domain.money import Money
from domain.states import AuditKind

Detail = Mapping[str, Any]

_PARENT = "parent or operator"
_RUN = "its run"


def trail_steps(events: Sequence[AuditEvent]) -> list[Step]:
    """One step an event, by the database's clock."""
    return [_step(event) for event in events]


def _step(event: AuditEvent) -> Step:
    who, words = _WORDS[event.kind]
    return Step(
        at=event.at,
        clock=Clock.DATABASE,
        who=str(event.detail.get("by") or who),
        what=words(event.detail),
        trouble=event.kind in _TROUBLE,
    )


def _drafted(detail: Detail) -> str:
    limit = detail.get("max_total_cents")
    return f"Drafted, with a limit of {Money(amount_cents=limit)}." if limit else "Drafted."


def _problems(detail: Detail) -> str:
    found = ", ".join(detail.get("codes") or ()) or "nothing any more"
    return f"A look ahead found: {found}. The parent was written to."


def _claimed(detail: Detail) -> str:
    return f"Claimed: place {detail.get('rank')}, to be sent at {detail.get('send_at')}."


def _opened(detail: Detail) -> str:
    return f"Attempt {detail.get('fence')} is marked: from here on something may be sent."


def _closed(detail: Detail) -> str:
    outcome = detail.get("outcome")
    return f"Attempt {detail.get('fence')} is closed: {OUTCOMES.get(outcome, outcome)}."


def _completed(detail: Detail) -> str:
    return (
        f"Completed with booking {detail.get('booking_number')}, fee {detail.get('fee_status')}"
        f"{_sending(detail)}."
    )


def _failed(detail: Detail) -> str:
    return f"Failed as {detail.get('failure_code')}{_sending(detail)}."


def _review(detail: Detail) -> str:
    return f"Left to a person ({detail.get('cause')}){_sending(detail)}."


def _sending(detail: Detail) -> str:
    told = {
        "requests": detail.get("tries") or None,
        "place": detail.get("rank"),
        "ms waited for the organiser's clock": detail.get("clock_wait_ms") or None,
        "ms from send time to arrival": detail.get("arrival_ms"),
        "organiser's clock less ours, ms": detail.get("clock_offset_ms"),
    }
    known = [f"{what}: {value}" for what, value in told.items() if value is not None]
    return f" ({', '.join(known)})" if known else ""


def _fee(detail: Detail) -> str:
    return f"The fee is {detail.get('fee_status')}."


def _frozen(detail: Detail) -> str:
    return f"Charge {detail.get('number', '')} is written down, then sent.".replace("  ", " ")


def _resolved(detail: Detail) -> str:
    number = detail.get("booking_number")
    return (
        f"Decided as {str(detail.get('decision')).replace('_', ' ')}"
        f"{f', number {number}' if number else ''}."
    )


def _cancelled(detail: Detail) -> str:
    kept = detail.get("kept")
    return f"Cancelled, from {detail.get('from')}{f'; the fee is kept: {kept}' if kept else ''}."


_WORDS: dict[AuditKind, tuple[str, Callable[[Detail], str]]] = {
    AuditKind.DRAFTED: (_PARENT, _drafted),
    AuditKind.CONFIRMED: (_PARENT, lambda _: "Confirmed: the permission is given."),
    AuditKind.RESCHEDULED: (
        _PARENT,
        lambda detail: f"Moved from {detail.get('from')} to {detail.get('to')}.",
    ),
    AuditKind.PROBLEM_FOUND: (_RUN, _problems),
    AuditKind.CLAIMED: (_RUN, _claimed),
    AuditKind.ATTEMPT_OPENED: (_RUN, _opened),
    AuditKind.ATTEMPT_CLOSED: (_RUN, _closed),
    AuditKind.BOOKED: (
        _RUN,
        lambda detail: f"Booking {detail.get('booking_number')} is known.",
    ),
    AuditKind.FEE_FROZEN: (_RUN, _frozen),
    AuditKind.FEE_SETTLED: (_RUN, _fee),
    AuditKind.COMPLETED: (_RUN, _completed),
    AuditKind.FAILED: (_RUN, _failed),
    AuditKind.CANCELLED: (_PARENT, _cancelled),
    AuditKind.NEEDS_REVIEW: (_RUN, _review),
    AuditKind.MANDATE_REVOKED: (_PARENT, lambda _: "The permission is withdrawn."),
    AuditKind.MANDATE_SIGNED: ("an operator", lambda _: "The permission is signed afterwards."),
    AuditKind.REVIEW_RESOLVED: ("an operator", _resolved),
    AuditKind.SURPLUS_FOUND: (
        "a sweep",
        lambda detail: (
            "Live bookings were found that should not be; cancelled: "
            f"{', '.join(detail.get('cancelled') or ()) or 'none'}."
        ),
    ),
    AuditKind.BOOKING_CANCELLED: (
        _PARENT,
        lambda detail: f"The booking is no more ({detail.get('reason')}).",
    ),
    AuditKind.REFUND_FROZEN: ("its cancellation", lambda _: "A refund is written down, then sent."),
    AuditKind.FEE_REFUNDED: ("its cancellation", lambda _: "The fee is given back."),
}

_TROUBLE = {
    AuditKind.PROBLEM_FOUND,
    AuditKind.FAILED,
    AuditKind.NEEDS_REVIEW,
    AuditKind.SURPLUS_FOUND,
}
