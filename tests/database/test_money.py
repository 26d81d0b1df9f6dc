"""Charges and receipts: once, with the frozen amount, and for the booking that was recorded."""

from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from domain.cancellation import BookingCancelledOrder, CancelledBy
from domain.contracts import ChargeResult, FeeOrder
from domain.payments import ChargeOutcome, ChargeStatus
from domain.refunds import RefundReason
from domain.registrations import Registration
from domain.states import FeeStatus
from tests.database import steps
from tests.database.door import Database, Door, everything_about, refused
from tests.database.family import Family, new_family, save_card


def settled(row: Registration, charge: ChargeResult) -> FeeOrder:
    return FeeOrder(
        registration_id=row.id,
        expected_version=row.version,
        operation_key=steps.key("fee"),
        charge=charge,
    )


def test_the_receipt_takes_its_amount_from_the_frozen_charge(
    database: Database, family: Family, door: Door
) -> None:
    row = family.booked()
    # Whatever the row or a payload said by then: this is what the card was charged.
    with database.session("postgres") as rows:
        rows.run("update scheduled_registrations set success_fee_cents = 1 where id = %s", row.id)
    door.call("record_outcome", order=steps.completion(row, steps.fee_paid()))
    (receipt,) = door.call("list_receipts", user_id=family.user_id, limit=5)
    assert (receipt["success_fee_cents"], receipt["fee_status"]) == (2_000, "paid")


def test_the_receipt_stays_as_booked_when_the_catalogue_changes(family: Family, door: Door) -> None:
    family.completed(steps.fee_paid())
    door.call("save_program", program={**family.program, "name": "Diving"})
    (receipt,) = door.call("list_receipts", user_id=family.user_id, limit=5)
    assert receipt["program_name"] == "Swimming"


def test_two_registrations_never_hold_one_booking_number(door: Door) -> None:
    first, second = new_family(door), new_family(door)
    booked, row = first.completed(steps.fee_paid()), second.sent()
    order = steps.completion(row, steps.fee_due())
    assert order.booking is not None
    same = order.booking.model_copy(update={"booking_number": booked.booking_number})
    with refused("PT422", "booking_taken"):
        door.call("record_outcome", order=order.model_copy(update={"booking": same}))
    assert second.now(row) == row


def test_another_booking_than_the_one_recorded_is_refused(family: Family, door: Door) -> None:
    row = family.booked()
    order = steps.completion(row, steps.fee_paid())
    assert order.booking is not None
    other = order.booking.model_copy(update={"booking_number": "B-other"})
    with refused("PT409"):
        door.call("record_outcome", order=order.model_copy(update={"booking": other}))


def test_a_price_in_another_currency_does_not_stand_beside_our_fee(
    family: Family, door: Door
) -> None:
    row = family.booked()
    order = steps.completion(row, steps.fee_paid())
    assert order.booking is not None
    in_euros = order.booking.model_copy(update={"currency": "EUR"})
    door.call("record_outcome", order=order.model_copy(update={"booking": in_euros}))
    assert family.now(row).price_cents is None
    detail = family.trail(row)[-1].detail
    assert (detail["price_cents"], detail["currency"]) == (25_000, "EUR")


MISMATCHES = {
    "paid without a charge": ChargeResult(fee_status=FeeStatus.PAID),
    "approval without a charge": ChargeResult(fee_status=FeeStatus.REQUIRES_ACTION),
    "paid by a decline": ChargeResult(
        fee_status=FeeStatus.PAID, outcome=ChargeOutcome(number=1, status=ChargeStatus.DECLINED)
    ),
    "due after a success": ChargeResult(
        fee_status=FeeStatus.DUE, outcome=ChargeOutcome(number=1, status=ChargeStatus.SUCCEEDED)
    ),
    "no answer yet": ChargeResult(
        fee_status=FeeStatus.DUE, outcome=ChargeOutcome(number=1, status=ChargeStatus.FROZEN)
    ),
}


@pytest.mark.parametrize("which", MISMATCHES)
def test_a_fee_that_does_not_follow_from_its_charge_is_refused(
    database: Database, family: Family, door: Door, which: str
) -> None:
    row = family.booked()
    before = everything_about(database, row.id)
    with refused("PT422", "charge_mismatch"):
        door.call("record_outcome", order=steps.completion(row, MISMATCHES[which]))
    assert everything_about(database, row.id) == before


def test_a_charge_that_was_never_frozen_settles_nothing(family: Family, door: Door) -> None:
    row = family.booked()
    with refused("PT422", "charge_missing"):
        door.call("record_outcome", order=steps.completion(row, steps.fee_paid(number=2)))


def test_a_fee_declined_and_paid_with_another_card_is_charged_once(
    database: Database, family: Family, door: Door
) -> None:
    row = family.completed(steps.fee_declined())
    save_card(door, family.user_id, f"pm_second_{row.code}")
    second = steps.open_charge(door, row, number=2)["charge"]
    assert second["payment_method_id"] == f"pm_second_{row.code}"
    assert second["idempotency_key"] == f"fee-{row.id}-2"
    standing = door.call("settle_fee", order=settled(row, steps.fee_paid(number=2)))
    assert standing["fee_status"] == "paid"
    (receipt,) = door.call("list_receipts", user_id=family.user_id, limit=5)
    assert receipt["fee_status"] == "paid"
    taken = database.rows(
        "select number from charges where registration_id = %s and status = 'succeeded'", row.id
    )
    assert taken == [(2,)]
    assert family.told(row)[-3:] == ["booked", "fee_due", "fee_paid"]
    with refused("PT409"):
        steps.open_charge(door, row, number=3)


def test_a_payment_the_parent_approved_later_settles_the_same_charge(
    family: Family, door: Door
) -> None:
    waiting = ChargeResult(
        fee_status=FeeStatus.REQUIRES_ACTION,
        outcome=ChargeOutcome(number=1, status=ChargeStatus.REQUIRES_ACTION),
    )
    row = family.completed(waiting)
    assert row.fee_status is FeeStatus.REQUIRES_ACTION
    assert door.call("settle_fee", order=settled(row, steps.fee_paid()))["fee_status"] == "paid"


def test_a_decline_is_final_for_its_charge(family: Family, door: Door) -> None:
    row = family.completed(steps.fee_declined())
    with refused("PT409"):
        door.call("settle_fee", order=settled(row, steps.fee_paid()))


def test_the_next_charge_waits_until_the_one_before_it_is_decided(
    family: Family, door: Door
) -> None:
    row = family.booked()
    with refused("PT409"):
        steps.open_charge(door, row, number=2)


def test_the_same_number_is_the_same_charge_whatever_changed_since(
    family: Family, door: Door
) -> None:
    row = family.sent()
    first = steps.open_charge(door, row)["charge"]
    save_card(door, family.user_id, f"pm_later_{row.code}")
    assert steps.open_charge(door, row)["charge"] == first


@pytest.mark.parametrize(
    "change",
    [
        "amount_cents = 1",
        "currency = 'EUR'",
        "idempotency_key = 'x'",
        "payment_method_id = 'x'",
        "stripe_customer_id = 'x'",
        "first_sent_at = now()",
    ],
)
def test_the_parameters_of_a_charge_are_frozen_for_everybody(
    database: Database, family: Family, change: str
) -> None:
    row = family.booked()
    with refused("PT422", "charge_frozen"), database.session("postgres") as rows:
        rows.run(f"update charges set {change} where registration_id = %s", row.id)  # noqa: S608 - our own list of columns


@pytest.mark.parametrize(
    "change", ["max_total_cents = 1", "child_ids = '{}'", "event_id = 'E2'", "used_at = null"]
)
def test_what_a_parent_permitted_is_fixed_for_everybody(
    database: Database, family: Family, change: str
) -> None:
    row = family.booked()
    with refused("PT422", "mandate_fixed"), database.session("postgres") as rows:
        rows.run(f"update mandates set {change} where registration_id = %s", row.id)  # noqa: S608 - our own list of columns


def _without_booking(family: Family, door: Door) -> Registration:
    """Paid, and its booking given back."""
    row = family.completed(steps.fee_paid())
    order = BookingCancelledOrder(
        registration_id=row.id,
        by=CancelledBy.PROVIDER,
        reason=RefundReason.PROVIDER_CANCELLED,
        operation_key=steps.key("cancel-booking"),
    )
    door.call("booking_cancelled", order=order)
    return row


def _open_refund(door: Door, row: Registration) -> Any:
    return door.call("open_refund", registration_id=row.id, operation_key=steps.key("refund"))


@pytest.mark.parametrize(("days", "kept"), [(89, None), (91, "refund_too_late")])
def test_a_fee_is_given_back_within_ninety_days_of_its_charge(
    database: Database, family: Family, door: Door, days: int, kept: str | None
) -> None:
    row = _without_booking(family, door)
    with database.session("postgres") as rows:
        rows.run(
            "update charges set settled_at = settled_at - make_interval(days => %s)"
            " where registration_id = %s",
            days,
            row.id,
        )
    assert _open_refund(door, row).get("kept") == kept


@pytest.mark.parametrize(
    "change",
    [
        "amount_cents = 1",
        "idempotency_key = 'x'",
        "payment_intent_id = 'x'",
        "first_sent_at = now()",
    ],
)
def test_the_parameters_of_a_refund_are_frozen_for_everybody(
    database: Database, family: Family, door: Door, change: str
) -> None:
    row = _without_booking(family, door)
    _open_refund(door, row)
    with refused("PT422", "refund_frozen"), database.session("postgres") as rows:
        rows.run(f"update refunds set {change} where registration_id = %s", row.id)  # noqa: S608 - our own list of columns


def test_a_registration_has_one_refund(database: Database, family: Family, door: Door) -> None:
    row = _without_booking(family, door)
    first, again = _open_refund(door, row), _open_refund(door, row)
    assert first == again
    with pytest.raises(psycopg.errors.UniqueViolation), database.session("postgres") as rows:
        rows.run(
            "insert into refunds select (r).* from (select jsonb_populate_record(r, %s) as r"
            " from refunds as r where registration_id = %s) as copies",
            Jsonb({"idempotency_key": "another"}),
            row.id,
        )
