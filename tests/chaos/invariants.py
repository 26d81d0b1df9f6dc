"""What must hold of every registration, whatever broke meanwhile.

Judged from the simulators' ledgers and the database, never from what our own programs say.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple
from uuid import UUID

from temporalio.client import WorkflowExecutionStatus

from tests.chaos.evidence import Evidence, Findings

ONCE = frozenset(
    {
        *("scheduled", "booked", "not_booked", "under_review", "cancelled", "fee_paid"),
        *("booking_cancelled", "booking_lost"),
    }
)
"""Letters of which each registration gets one at most."""

TOLD = frozenset({"several_bookings", "ghost_booking"})
"""The alerts about bookings that should not be."""

OVER_CAP = "over_cap"

MOST_UNTRACED = 2

ENDS = frozenset({"completed", "failed", "cancelled", "needs_review"})
UNBOOKED = frozenset({"failed", "cancelled", "draft"})
EARLY_MS = 0.5
"""The row keeps microseconds; the ledger, fractions of milliseconds in floating point."""


class Violation(NamedTuple):
    """One promise that one registration breaks."""

    registration: UUID | None
    """None where it is about no single one."""
    sentence: str


Rule = Callable[[Evidence], Iterator[str]]

Doubted = Callable[[UUID, Evidence], bool]


def violations(findings: Findings) -> list[Violation]:
    """Every broken promise, in words."""
    found = [Violation(None, promise) for promise in findings.broken_promises]
    found += [Violation(None, f"a letter {one} nobody asked for") for one in findings.strangers]
    for registration, evidence in findings.registrations.items():
        found += [
            Violation(registration, f"{evidence.row.code}: {sentence}")
            for rule in RULES
            for sentence in rule(evidence)
        ]
    return found


def _booked_at_most_once(one: Evidence) -> Iterator[str]:
    if len(one.live) > 1:
        yield f"{len(one.live)} live bookings under one reference"


def _charged_at_most_once(one: Evidence) -> Iterator[str]:
    if len(one.charges) > 1:
        yield f"charged {len(one.charges)} times"


def _charged_only_for_a_booking(one: Evidence) -> Iterator[str]:
    for charge in one.charges:
        paid_for = [b for b in one.bookings if b.booking_number == one.row.booking_number]
        if not paid_for:
            yield "charged, and no booking of the provider's is recorded"
        elif one.row.booking_number in one.given_back:
            yield f"{charge.cents} cents kept for a booking that we gave back"


def _surplus_is_told(one: Evidence) -> Iterator[str]:
    """Of two bookings the one that we cancelled was too much: an operator has to hear of it."""
    row, cancelled = one.row, one.given_back - {one.row.booking_number}
    ghost = row.status in UNBOOKED and row.failure_code != OVER_CAP
    if cancelled and (ghost or len(one.bookings) > 1) and not one.alerts & TOLD:
        yield f"booking {', '.join(sorted(cancelled))} was too much, and nobody was told"


def _loss_is_told(one: Evidence) -> Iterator[str]:
    """A place that the organiser took back while nobody here wished to give it back: an operator
    has to hear of it too."""
    gone = _was_booked(one) and one.row.booking_number not in one.asked_back
    if gone and "booking_gone" not in one.alerts:
        yield "the organiser took the place back, and nobody was told"


def _completed_means_booked(one: Evidence) -> Iterator[str]:
    row = one.row
    if row.status != "completed":
        return
    recorded = [b for b in one.bookings if b.booking_number == row.booking_number]
    if not recorded:
        yield "completed, and the provider has no such booking"
    elif recorded[0].canceled and one.live:
        yield "completed with a cancelled booking, while another one stands"
    elif recorded[0].canceled:
        yield "completed, and the place was taken back"
    if row.receipt_number != row.booking_number:
        yield f"completed, with a receipt for {row.receipt_number or 'nothing'}"


def _unbooked_means_nothing(one: Evidence) -> Iterator[str]:
    if one.row.status not in UNBOOKED:
        return
    if one.live:
        yield f"{one.row.status}, and a booking stands"
    if one.charges:
        yield f"{one.row.status}, and money was taken"
    if one.row.receipt_number and not _was_booked(one):
        yield f"{one.row.status}, and there is a receipt"


def _was_booked(one: Evidence) -> bool:
    """Whether it was cancelled only after it was booked: the receipt stays."""
    gone = {booking.booking_number for booking in one.bookings if booking.canceled}
    return one.row.status == "cancelled" and one.row.receipt_number in gone


def _no_fee_for_a_place_that_is_gone(one: Evidence) -> Iterator[str]:
    if one.row.status != "needs_review" and one.charges and one.bookings and not one.live:
        yield "the fee is kept, and the place was taken back"


def _fee_as_it_is(one: Evidence) -> Iterator[str]:
    row, charged = one.row, bool(one.charges)
    if row.fee_status == "paid" and not charged:
        yield "the fee is paid, and no money was taken"
    if charged and row.fee_status != "paid" and not row.undecided:
        yield f"money was taken, and the fee is {row.fee_status}"


def _nothing_before_its_time(one: Evidence) -> Iterator[str]:
    for send in one.sends:
        opens_ms = one.opening_ms(send.arrived_ms)
        if send.arrived_ms < opens_ms - EARLY_MS:
            yield f"sent {opens_ms - send.arrived_ms:.1f} ms before the opening"


def _nothing_after_it_was_withdrawn(one: Evidence) -> Iterator[str]:
    if one.row.withdrawn_at is None:
        return
    withdrawn_ms = one.row.withdrawn_at.timestamp() * 1000
    for send in one.sends:
        if send.arrived_ms > withdrawn_ms:
            late_ms = send.arrived_ms - withdrawn_ms
            yield f"sent {late_ms:.1f} ms after the permission was withdrawn"


def _ended(one: Evidence) -> Iterator[str]:
    row = one.row
    if row.status not in ENDS and row.status != "draft":
        yield f"stuck in {row.status}"
    if row.open_markers and row.status != "needs_review":
        yield f"{row.status} with {row.open_markers} markers open"
    if row.status == "needs_review":
        return
    for status in one.runs:
        refused = status is WorkflowExecutionStatus.FAILED and row.status == "draft"
        if status is not WorkflowExecutionStatus.COMPLETED and not refused:
            yield f"its run is {status.name.lower() if status else 'nowhere'}"
    yield from one.others
    if not one.runs and row.status not in UNBOOKED:
        yield "it has no run"


def _audited(one: Evidence) -> Iterator[str]:
    if one.row.audit_problem:
        yield f"its audit trail does not hold: {one.row.audit_problem}"


def _told_once(one: Evidence) -> Iterator[str]:
    kinds = [letter.kind for letter in one.letters]
    for kind in sorted(ONCE & set(kinds)):
        if kinds.count(kind) > 1:
            yield f"{kinds.count(kind)} letters {kind}"
    for letter in one.letters:
        if letter.sent and not letter.caught:
            yield f"the letter {letter.kind} counts as sent and never arrived"


RULES: tuple[Rule, ...] = (
    _booked_at_most_once,
    _charged_at_most_once,
    _charged_only_for_a_booking,
    _surplus_is_told,
    _loss_is_told,
    _completed_means_booked,
    _unbooked_means_nothing,
    _no_fee_for_a_place_that_is_gone,
    _fee_as_it_is,
    _nothing_before_its_time,
    _nothing_after_it_was_withdrawn,
    _ended,
    _audited,
    _told_once,
)


def untold(findings: Findings) -> list[Violation]:
    """Letters that were never sent: of a run without a fault of the mail server there is none."""
    return [
        Violation(registration, f"{evidence.row.code}: the letter {letter.kind} was never sent")
        for registration, evidence in findings.registrations.items()
        for letter in evidence.letters
        if not letter.sent
    ]


def booked_twice(findings: Findings) -> list[Violation]:
    """Second bookings, cancelled again or not: where no process was paused there is none."""
    return [
        Violation(registration, f"{evidence.row.code}: {len(evidence.bookings)} bookings were made")
        for registration, evidence in findings.registrations.items()
        if len(evidence.bookings) > 1
    ]


def in_review(findings: Findings, doubted: Doubted = lambda _, __: False) -> list[Violation]:
    """Those that a person must decide, although nothing left a doubt.

    Args:
        findings: what became of them.
        doubted: whether something beside what is found left one.
    """
    return [
        Violation(registration, f"{evidence.row.code}: needs_review, without a doubt")
        for registration, evidence in findings.registrations.items()
        if evidence.row.status == "needs_review"
        and not _doubtful(evidence)
        and not doubted(registration, evidence)
    ]


def _doubtful(one: Evidence) -> bool:
    """Whether a send met a fault, two attempts died, or a booking is neither a yes nor a no.

    Of an attempt that died past its send time nobody can tell whether it sent. After the second
    nothing more may be sent, nor after the first once the parent has withdrawn; and where the
    second send is refused, the first one may have taken the place.
    """
    met_a_fault = any(send.faults for send in one.sends)
    odd = any(booking.canceled or not booking.accepted for booking in one.bookings)
    withdrawn = one.row.untraced > 0 and one.row.withdrawn_at is not None
    refused = one.row.untraced > 0 and any(send.committed_ms is None for send in one.sends)
    return met_a_fault or odd or withdrawn or refused or one.row.untraced >= MOST_UNTRACED
