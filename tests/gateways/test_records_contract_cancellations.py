from datetime import UTC, datetime

import pytest

from domain.cancellation import BookingCancelledOrder, CancelledBy, CancelledOrder
from domain.contracts import ChargeResult
from domain.errors import Conflict, RecordMissing
from domain.identifiers import refund_key
from domain.refunds import FeeKept, RefundOutcome, RefundReason, RefundStatus
from domain.registrations import Registration
from domain.states import FeeStatus, RegistrationStatus
from gateways.protocols.records import Records
from tests.gateways.households import Household, booking_number, declined, key, paid
from tests.gateways.test_records_contract_fees import asks

GIVEN_BACK = RefundOutcome(status=RefundStatus.SUCCEEDED, refund_id="re_1")


def no_more(
    row: Registration, reason: RefundReason = RefundReason.CANCELLATION_ACCEPTED
) -> BookingCancelledOrder:
    return BookingCancelledOrder(
        registration_id=row.id,
        by=CancelledBy.PARENT,
        reason=reason,
        operation_key=key("cancel-booking"),
    )


def cancelled(row: Registration, **changes: object) -> CancelledOrder:
    order = CancelledOrder(
        registration_id=row.id, by=CancelledBy.PARENT, operation_key=key("cancelled")
    )
    return order.model_copy(update=changes)


async def begin_now(family: Household) -> None:
    """The program begins this moment."""
    began = family.program.model_copy(update={"starts_at": datetime.now(UTC)})
    await family.records.save_program(began)


async def without_booking(family: Household, fee: ChargeResult) -> Registration:
    row = await family.completed(fee)
    await family.records.booking_cancelled(no_more(row))
    return row


async def kinds(records: Records, row: Registration) -> list[str]:
    return [event.kind.value for event in await records.audit_trail(row.id)]


async def test_a_paid_fee_is_frozen_once_and_given_back_once(
    records: Records, family: Household
) -> None:
    row = await without_booking(family, paid())
    opened = await records.open_refund(row.id, key("refund"))
    assert opened.refund is not None
    assert (opened.outcome, opened.kept) == (None, None)
    assert opened.refund.idempotency_key == refund_key(row.id)
    assert (opened.refund.charge_number, opened.refund.amount) == (1, row.fee)
    assert opened.refund.payment_intent_id.startswith("pi_")
    assert await records.open_refund(row.id, key("refund")) == opened

    for _ in range(2):
        await records.settle_refund(row.id, GIVEN_BACK, key("refund"))
    again = await records.open_refund(row.id, key("refund"))
    assert (again.refund, again.outcome) == (opened.refund, GIVEN_BACK)
    order = cancelled(row)
    standing = await records.finish_cancellation(order)
    assert await records.finish_cancellation(order) == standing

    assert (standing.status, standing.fee_status) == (
        RegistrationStatus.CANCELLED,
        FeeStatus.REFUNDED,
    )
    after = await records.registration(row.id)
    assert after.version == row.version + 1
    (receipt,) = await records.receipts(family.user_id, 10)
    assert (receipt.fee_status, receipt.success_fee_cents) == (FeeStatus.REFUNDED, 2_000)
    assert (await kinds(records, row))[-4:] == [
        "booking_cancelled",
        "refund_frozen",
        "fee_refunded",
        "cancelled",
    ]
    assert (await records.verify_audit(row.id)).holds
    last = (await records.unsent(row.id))[-1]
    assert (last.kind.value, last.facts) == ("booking_cancelled", {})
    # The children are free for the same event again.
    assert (await family.pending()).status is RegistrationStatus.PENDING


async def test_what_the_payment_service_refused_stays_paid_and_says_why(
    records: Records, family: Household
) -> None:
    row = await without_booking(family, paid())
    await records.open_refund(row.id, key("refund"))
    failed = RefundOutcome(status=RefundStatus.FAILED, failure_code="charge_disputed")
    await records.settle_refund(row.id, failed, key("refund"))
    with pytest.raises(Conflict):
        await records.settle_refund(row.id, GIVEN_BACK, key("refund"))

    order = cancelled(row, by=CancelledBy.PROVIDER, kept=FeeKept.REFUND_FAILED)
    standing = await records.finish_cancellation(order)

    assert standing.fee_status is FeeStatus.PAID
    last = (await records.unsent(row.id))[-1]
    assert (last.kind.value, last.facts) == ("booking_lost", {"kept": "refund_failed"})
    assert "fee_refunded" not in await kinds(records, row)


async def test_a_refund_still_under_way_counts_as_given_back_and_may_end(
    records: Records, family: Household
) -> None:
    row = await without_booking(family, paid())
    await records.open_refund(row.id, key("refund"))
    pending = RefundOutcome(status=RefundStatus.PENDING, refund_id="re_1")
    for outcome in (pending, GIVEN_BACK):
        await records.settle_refund(row.id, outcome, key("refund"))

    assert (await records.finish_cancellation(cancelled(row))).fee_status is FeeStatus.REFUNDED
    assert (await kinds(records, row)).count("fee_refunded") == 1


async def test_a_refund_that_failed_in_the_end_leaves_the_fee_paid_on_row_and_receipt(
    records: Records, family: Household
) -> None:
    row = await without_booking(family, paid())
    await records.open_refund(row.id, key("refund"))
    pending = RefundOutcome(status=RefundStatus.PENDING, refund_id="re_1")
    await records.settle_refund(row.id, pending, key("refund"))
    gone = await records.finish_cancellation(cancelled(row))

    failed = RefundOutcome(status=RefundStatus.FAILED, failure_code="lost_or_stolen_card")
    for _ in range(2):
        await records.settle_refund(row.id, failed, key("late-refund"))

    after = await records.registration(row.id)
    assert (after.status, after.fee_status) == (RegistrationStatus.CANCELLED, FeeStatus.PAID)
    assert after.version == gone.version + 1
    (receipt,) = await records.receipts(family.user_id, 10)
    assert receipt.fee_status is FeeStatus.PAID
    last = (await records.audit_trail(row.id))[-1]
    assert last.kind.value == "fee_settled"
    assert last.detail == {
        "fee_status": "paid",
        "charge_number": 1,
        "charged_cents": None,
        "refund": "failed",
    }
    assert (await records.verify_audit(row.id)).holds


@pytest.mark.parametrize(
    ("reason", "kept"),
    [
        (RefundReason.CANCELLATION_ACCEPTED, FeeKept.EVENT_BEGUN),
        (RefundReason.PROVIDER_CANCELLED, None),
        (RefundReason.TECHNICAL_FAILURE, None),
        (RefundReason.DUPLICATE_CHARGE, None),
    ],
)
async def test_after_the_event_began_a_change_of_mind_earns_no_refund(
    records: Records, family: Household, reason: RefundReason, kept: FeeKept | None
) -> None:
    row = await family.completed(paid())
    await begin_now(family)
    await records.booking_cancelled(no_more(row, reason))

    assert (await records.open_refund(row.id, key("refund"))).kept == kept


async def test_given_up_before_the_event_began_is_judged_by_that_moment(
    records: Records, family: Household
) -> None:
    row = await without_booking(family, paid())
    await begin_now(family)
    await records.booking_cancelled(no_more(row))

    assert (await records.open_refund(row.id, key("refund"))).refund is not None


async def test_a_fee_never_paid_is_not_due_any_more(records: Records, family: Household) -> None:
    row = await without_booking(family, declined())
    assert (await records.open_refund(row.id, key("refund"))).kept is FeeKept.NOTHING_PAID
    with pytest.raises(RecordMissing):
        await records.settle_refund(row.id, GIVEN_BACK, key("refund"))

    assert (await records.finish_cancellation(cancelled(row))).fee_status is FeeStatus.NOT_DUE
    (receipt,) = await records.receipts(family.user_id, 10)
    assert receipt.fee_status is FeeStatus.NOT_DUE


async def test_nothing_is_charged_once_the_booking_is_no_more(
    records: Records, family: Household
) -> None:
    row = await without_booking(family, declined())
    for number in (1, 2):
        with pytest.raises(Conflict):
            await records.open_charge(row.id, number, 1, booking_number(row), key("charge"))


async def test_a_charge_that_may_still_take_money_comes_before_refund_and_end(
    records: Records, family: Household
) -> None:
    row = await without_booking(family, asks(1))
    with pytest.raises(Conflict):
        await records.open_refund(row.id, key("refund"))
    with pytest.raises(Conflict):
        await records.finish_cancellation(cancelled(row))


async def test_only_a_booking_that_was_given_back_is_cancelled_and_refunded(
    records: Records, family: Household
) -> None:
    row = await family.completed(paid())
    with pytest.raises(Conflict):
        await records.open_refund(row.id, key("refund"))
    with pytest.raises(Conflict):
        await records.finish_cancellation(cancelled(row))
    waiting = await family.draft()
    with pytest.raises(Conflict):
        await records.booking_cancelled(no_more(waiting))
