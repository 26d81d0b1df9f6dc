"""What came of each activity, in an operator's words."""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ValidationError

from console.review_words import ANSWERS
from domain.cancellation import CancellationCheck, OutstandingReport, RefundReport
from domain.contracts import (
    BookingEnd,
    BookingResult,
    ChangeAnswer,
    ChargeResult,
    Claim,
    ConfirmAnswer,
    Standing,
    TellReport,
)
from domain.looking_ahead import PreflightReport
from domain.refusals import Reason
from domain.review import ReviewFinding
from domain.states import FeeStatus

TITLES = {
    "confirm_registration": "Confirm",
    "preflight": "Look ahead",
    "claim_registration": "Claim",
    "book": "Book",
    "charge_success_fee": "Charge",
    "look_at_fee": "Look at the charge",
    "record_outcome": "Write the outcome",
    "settle_fee": "Write the fee",
    "tell_parent": "Letters",
    "ask_release": "Ask the armed booking back",
    "reschedule_registration": "Move",
    "cancel_registration": "Cancel",
    "revoke_mandate": "Withdraw the permission",
    "check_review": "Check a decision",
    "resolve_review": "Write a decision",
    "check_cancellation": "Check the cancellation",
    "cancel_booking": "Cancel at the organiser",
    "settle_outstanding_charge": "Settle the charge",
    "refund_fee": "Refund",
    "stand_down": "Have the run stand down",
    "finish_cancellation": "Write the cancellation",
}
"""By an activity's name, which is for ever."""


def title(activity: str) -> str:
    """What an operator calls it."""
    return TITLES.get(activity, activity.replace("_", " ").capitalize())


def result_in_words(activity: str, facts: dict[str, Any] | None) -> str:
    """What it answered; `done` for one that answers nothing, or in a form of long ago.

    None: it cannot be read here.
    """
    if facts is None:
        return "it ended, and its answer cannot be read here"
    read = _READ.get(activity)
    if read is None or not facts:
        return "done"
    model, words = read
    try:
        return words(model.model_validate(facts))
    except ValidationError:
        return "done"


def went_wrong(activity: str, facts: dict[str, Any] | None) -> bool:
    """Whether what it answered is not what everybody hoped for."""
    match activity:
        case "preflight":
            return bool(facts and facts.get("problems"))
        case "book":
            return bool(facts and facts.get("end") in {BookingEnd.REFUSED, BookingEnd.UNKNOWN})
        case "charge_success_fee":
            return bool(facts and facts.get("fee_status") != FeeStatus.PAID)
        case _:
            return False


def codes(reasons: tuple[Reason, ...]) -> str:
    """Their codes: sentences are for parents."""
    return ", ".join(reason.code for reason in reasons)


def standing_in_words(standing: Standing) -> str:
    """Where the row stands."""
    return f"{standing.status.value}, fee {standing.fee_status.value}"


def _confirm(answer: ConfirmAnswer) -> str:
    return "confirmed" if answer.standing else f"refused: {codes(answer.reasons)}"


def _preflight(report: PreflightReport) -> str:
    found = codes(report.problems) if report.problems else "nothing stands against it"
    price = f", price {report.price}" if report.price else ""
    sharing = report.sharing_instant
    crowd = f", {sharing} share the instant" if sharing > 1 else ""
    return f"{found}{price}{crowd}"


def _claim(claim: Claim) -> str:
    sent = claim.send_at.isoformat(timespec="milliseconds")
    return f"place {claim.rank} of {claim.sharing} at the account, to be sent at {sent}"


def _booking(result: BookingResult) -> str:
    clocks = result.clocks
    told = (
        f"; clocks less ours: provider {clocks.provider.in_words()}, database "
        f"{clocks.records.in_words()}, Temporal {clocks.temporal.in_words()}"
    )
    facts = result.booking
    if facts is None:
        return f"{_not_booked(result)}{told}"
    asked = "asked once" if facts.attempts == 1 else f"asked {facts.attempts} times"
    found = "found by a look-up" if facts.found_by_lookup else asked
    waited = f", {facts.clock_wait_ms} ms waited for their clock" if facts.clock_wait_ms else ""
    late = ", armed late" if facts.armed_late else ""
    return (
        f"booked, number {facts.booking_number}, {found}; first byte {facts.lateness_ms} ms after "
        f"its send time, which was {facts.queue_delay_ms} ms after the opening{waited}{late}{told}"
    )


def _not_booked(result: BookingResult) -> str:
    match result.end:
        case BookingEnd.RELEASED:
            return "given back, nothing was sent"
        case BookingEnd.UNKNOWN:
            cause = result.cause.value if result.cause else "no cause was kept"
            return f"nobody can tell ({cause}): {result.evidence or 'no evidence'}"
        case _:
            code = result.failure_code.value if result.failure_code else "refused"
            return f"not booked: {code}{_last_answer(result)}"


def _last_answer(result: BookingResult) -> str:
    if not result.tries:
        return ""
    last = result.tries[-1].answer
    return f"; the last answer: {ANSWERS.get(last, last)}"


def _charge(result: ChargeResult) -> str:
    if result.undecided:
        return "no definite answer: the same charge is repeated"
    if result.outcome is None:
        return "no card to charge"
    why = f" ({result.outcome.decline_code})" if result.outcome.decline_code else ""
    return f"charge {result.outcome.number} {result.outcome.status.value}{why}"


def _change(answer: ChangeAnswer) -> str:
    return (
        standing_in_words(answer.standing)
        if answer.standing
        else (f"refused: {codes(answer.reasons)}")
    )


def _told(report: TellReport) -> str:
    return f"{report.sent} sent"


def _review(finding: ReviewFinding) -> str:
    return f"against it: {codes(finding.reasons)}" if finding.reasons else "nothing against it"


def _cancellation(check: CancellationCheck) -> str:
    if check.done is not None:
        return "it is done already"
    return f"refused: {codes(check.reasons)}" if check.reasons else "it may be cancelled"


def _refund(report: RefundReport) -> str:
    return f"the fee is kept: {report.kept.value}" if report.kept else "the fee is given back"


def _outstanding(report: OutstandingReport) -> str:
    return "every charge has ended" if report.decided else "a charge may still come to light"


_READ: dict[str, tuple[type[BaseModel], Callable[[Any], str]]] = {
    "confirm_registration": (ConfirmAnswer, _confirm),
    "preflight": (PreflightReport, _preflight),
    "claim_registration": (Claim, _claim),
    "book": (BookingResult, _booking),
    "charge_success_fee": (ChargeResult, _charge),
    "record_outcome": (Standing, standing_in_words),
    "settle_fee": (Standing, standing_in_words),
    "tell_parent": (TellReport, _told),
    "reschedule_registration": (ChangeAnswer, _change),
    "cancel_registration": (ChangeAnswer, _change),
    "revoke_mandate": (ChangeAnswer, _change),
    "check_review": (ReviewFinding, _review),
    "resolve_review": (ChangeAnswer, _change),
    "check_cancellation": (CancellationCheck, _cancellation),
    "settle_outstanding_charge": (OutstandingReport, _outstanding),
    "refund_fee": (RefundReport, _refund),
    "finish_cancellation": (Standing, standing_in_words),
}
