"""Where what is told of one registration cannot all be true."""

from collections.abc import Iterator

from console.story.sources import Run, Sources
from console.story.steps import MILLISECOND
from domain.audit import verify_chain
from domain.payments import ChargeStatus
from domain.refunds import GIVEN_BACK
from domain.states import UNDER_WAY, AuditKind, FeeStatus, RegistrationStatus

_STATUS_AFTER = {
    AuditKind.DRAFTED: RegistrationStatus.DRAFT,
    AuditKind.CONFIRMED: RegistrationStatus.PENDING,
    AuditKind.RESCHEDULED: RegistrationStatus.PENDING,
    AuditKind.CLAIMED: RegistrationStatus.EXECUTING,
    AuditKind.COMPLETED: RegistrationStatus.COMPLETED,
    AuditKind.FAILED: RegistrationStatus.FAILED,
    AuditKind.CANCELLED: RegistrationStatus.CANCELLED,
    AuditKind.NEEDS_REVIEW: RegistrationStatus.NEEDS_REVIEW,
}


def contradictions(found: Sources) -> list[str]:
    """Each in a sentence that names both sides."""
    return [
        *_of_the_trail(found),
        *_of_the_booking(found),
        *_of_the_money(found),
        *_of_the_sending(found),
        *_of_the_run(found),
    ]


def _of_the_trail(found: Sources) -> Iterator[str]:
    row = found.row
    verdict = verify_chain(found.trail, row.audit_head)
    if not verdict.holds:
        yield f"The audit trail does not verify: {verdict.problem}."
    told = [_STATUS_AFTER[event.kind] for event in found.trail if event.kind in _STATUS_AFTER]
    if told and told[-1] is not row.status:
        yield f"The row is {row.status.value}, and its audit trail ends as {told[-1].value}."


def _of_the_booking(found: Sources) -> Iterator[str]:
    row, receipt = found.row, found.ledger.receipt
    made = {one.booking_number for one in found.ledger.attempts if one.booking_number}
    if len(made) > 1:
        yield f"Its attempts ended in several bookings: {', '.join(sorted(made))}."
    if receipt is not None and receipt.booking_number != row.booking_number:
        yield (
            f"The receipt names booking {receipt.booking_number}, the row "
            f"{row.booking_number or 'none'}."
        )
    if made and row.status is RegistrationStatus.FAILED and found.case is None:
        yield f"It failed, and an attempt of it ended in booking {', '.join(sorted(made))}."
    if row.status is RegistrationStatus.COMPLETED and receipt is None:
        yield "It is completed, and has no receipt: one transaction writes both."


def _of_the_money(found: Sources) -> Iterator[str]:
    row, ledger = found.row, found.ledger
    paid = [one.number for one in ledger.charges if one.status is ChargeStatus.SUCCEEDED]
    given_back = ledger.refund is not None and ledger.refund.status in GIVEN_BACK
    if len(paid) > 1:
        yield f"Charges {', '.join(map(str, paid))} all took the fee, which is due once."
    if row.fee_status is FeeStatus.PAID and not paid:
        yield "The fee is paid by the row, and no charge succeeded."
    if paid and row.fee_status in (FeeStatus.DUE, FeeStatus.NOT_DUE, FeeStatus.REQUIRES_ACTION):
        yield f"Charge {paid[0]} succeeded, and the fee is {row.fee_status.value} by the row."
    if row.fee_status is FeeStatus.REFUNDED and not given_back:
        yield "The fee is refunded by the row, and no refund was accepted."
    if ledger.receipt is not None and ledger.receipt.fee_status is not row.fee_status:
        yield (
            f"The fee is {ledger.receipt.fee_status.value} by the receipt and "
            f"{row.fee_status.value} by the row."
        )


def _of_the_sending(found: Sources) -> Iterator[str]:
    row = found.row
    sent = [one.sent_at for attempt in found.ledger.attempts for one in attempt.requests]
    early = [at for at in sent if at < row.scheduled_time]
    if early:
        by = (row.scheduled_time - min(early)) / MILLISECOND
        yield f"A request left {by:.0f} ms before the opening, by the worker's clock."
    first = row.first_request_at
    if first is None or row.send_at is None or row.lateness_ms is None or found.case is not None:
        return  # a booking that a person found tells when it was made, not when it was sent
    reckoned = (first - row.send_at) / MILLISECOND
    if abs(reckoned - row.lateness_ms) > 1:
        yield (
            f"The row says {row.lateness_ms} ms late, and its own instants are {reckoned:.0f} ms "
            "apart."
        )


def _of_the_run(found: Sources) -> Iterator[str]:
    row, run = found.row, found.own_run
    if run is None:
        if row.status in UNDER_WAY and not found.unread:
            yield f"It is {row.status.value}, and Temporal has no run of it: nothing will wake."
        return
    if run.ended_as is not None and row.status in UNDER_WAY:
        yield f"It is {row.status.value}, and its run has ended ({run.ended_as})."
    yield from _of_its_end(found, run)
    known = {event.hash for event in found.trail}
    if run.heads and not set(run.heads) <= known:
        yield "Its run was told of audit events that are not in the trail."


def _of_its_end(found: Sources, run: Run) -> Iterator[str]:
    """What it knew when it ended. Later changes are another workflow's: then the row is newer."""
    row, end = found.row, run.end
    if end is None:
        return
    if end.version > row.version:
        yield (
            f"Its run ended with version {end.version} ({end.status.value}), and the row is at "
            f"{row.version} ({row.status.value}): the row was put back."
        )
    elif end.version == row.version and end.status is not row.status:
        yield f"Its run ended as {end.status.value}, and the row is {row.status.value}."
