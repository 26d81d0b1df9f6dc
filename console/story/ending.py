"""Why a registration stands where it stands, for an operator, and what to do about it."""

from collections.abc import Sequence

from console.review_causes import CAUSES
from console.story.sources import Sources
from console.story.steps import MILLISECOND, Step
from domain.frozen import Frozen
from domain.states import FailureCode, FeeStatus, RegistrationStatus


class Ending(Frozen):
    """The last word on it."""

    because: str
    next: str | None = None
    """What to do; None where nothing is to be done."""


def ending(found: Sources, steps: Sequence[Step]) -> Ending:
    """Where it stands, why, and what follows."""
    row, code = found.row, found.row.code
    match row.status:
        case RegistrationStatus.DRAFT if found.read_at >= row.lapses_at:
            return Ending(because="A draft that nobody confirmed. It has lapsed, and had no run.")
        case RegistrationStatus.DRAFT:
            return Ending(
                because="A draft: nothing is promised, and it has no run before it is confirmed.",
                next=f"The parent confirms it in the chat. What stands there: python starter.py "
                f"status {code}",
            )
        case RegistrationStatus.PENDING:
            return _pending(found)
        case RegistrationStatus.EXECUTING:
            return Ending(
                because="It is claimed, and being booked or charged.",
                next=f"Look again in a minute: python starter.py explain {code}. Longer than ten "
                "minutes is too long: Stuck in executing, in docs/operations.md.",
            )
        case RegistrationStatus.NEEDS_REVIEW:
            return _review(found)
        case RegistrationStatus.FAILED:
            return _failed(found, steps)
        case RegistrationStatus.CANCELLED:
            return _cancelled(found)
        case RegistrationStatus.COMPLETED:
            return _completed(found)


def _pending(found: Sources) -> Ending:
    if found.read_at > found.row.scheduled_time:
        return Ending(
            because="Its opening has passed, and nobody has claimed it.",
            next="Start a worker: python worker.py. Until an hour after the opening it is still "
            "booked.",
        )
    return Ending(
        because="It sleeps until its opening.",
        next="Whether it will be booked: python starter.py tomorrow",
    )


def _review(found: Sources) -> Ending:
    cause = CAUSES[found.case.cause].happened if found.case else "Nobody could tell."
    return Ending(because=cause, next=f"Decide it: python starter.py review show {found.row.code}")


_WHY = {
    FailureCode.MISSED_WINDOW: (
        "Nothing could be sent until an hour after the opening.",
        "Find out what was down: python starter.py doctor",
    ),
    FailureCode.SOLD_OUT: ("The organiser's system had no place left for all children.", None),
    FailureCode.NOT_OPENED: (
        "The organiser's system still said “not open yet” five minutes after the opening.",
        "Ask the organiser when it opens, and have the parent schedule it for then.",
    ),
    FailureCode.REJECTED: (
        "The organiser's system refused the booking for certain.",
        "Ask the organiser why; the requests above say what was answered.",
    ),
    FailureCode.OVER_CAP: ("Price and fee were more than the parent's limit.", None),
    FailureCode.MANDATE_INVALID: (
        "The parent's permission did not cover it.",
        "What it lacked: python starter.py mandate verify CODE",
    ),
    FailureCode.PROVIDER_BLOCKED: (
        "The organiser does not let us book this product any more.",
        "What it lacks: python starter.py doctor --program worker",
    ),
    FailureCode.UNAUTHORISED: (
        "The organiser's system refused our keys.",
        "Mend them before the next opening: python starter.py doctor --program worker",
    ),
    FailureCode.LAPSED: ("It was not confirmed in time.", None),
}


def _failed(found: Sources, steps: Sequence[Step]) -> Ending:
    row = found.row
    if row.failure_code is None:
        return Ending(because="It failed, and no cause was kept.")
    because, after = _WHY[row.failure_code]
    if found.case is not None and found.case.resolution is not None:
        return Ending(
            because=f"{found.case.resolution.by} decided that it is not booked, after this: "
            f"{CAUSES[found.case.cause].happened}"
        )
    troubles = [step for step in steps if step.trouble and step.at >= row.scheduled_time]
    if row.failure_code is FailureCode.MISSED_WINDOW and troubles:
        because = f"{because} First trouble after the opening: {troubles[0].what}"
    return Ending(because=because, next=after.replace("CODE", row.code) if after else None)


def _cancelled(found: Sources) -> Ending:
    if found.ledger.booking_gone_at is None:
        return Ending(because="It was cancelled before anything was booked or charged.")
    refund = found.ledger.refund
    money = f"; its refund is {refund.status.value}" if refund else "; no fee was given back"
    return Ending(because=f"It was booked, and the booking is no more{money}.")


def _completed(found: Sources) -> Ending:
    row = found.row
    booked = f"Booked, number {row.booking_number}{_lateness(found)}."
    match row.fee_status:
        case FeeStatus.DUE | FeeStatus.REQUIRES_ACTION:
            declined = [one for one in found.ledger.charges if one.decline_code]
            why = f" ({declined[-1].decline_code})" if declined else ""
            return Ending(
                because=f"{booked} The fee is {row.fee_status.value.replace('_', ' ')}{why}; the "
                "booking stands.",
                next="The parent was written to, and pays in the chat: Fee due, in "
                "docs/operations.md.",
            )
        case _:
            return Ending(because=f"{booked} The fee is {row.fee_status.value}.")


def _lateness(found: Sources) -> str:
    row = found.row
    if row.lateness_ms is None or row.first_request_at is None:
        return ""
    after = (row.first_request_at - row.scheduled_time) / MILLISECOND
    queued = f", {row.queue_delay_ms} ms of it in the account's queue" if row.queue_delay_ms else ""
    return (
        f": the first byte left {after:.0f} ms after the opening{queued}, {row.lateness_ms} ms "
        "after its own send time"
    )
