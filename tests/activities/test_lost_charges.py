"""A charge that a lost service may have made: looked for, never made beside it."""

from datetime import timedelta

from temporalio.testing import ActivityEnvironment

from activities.charge import Charging
from activities.clock import SystemClock
from domain.contracts import ChargeOrder, ChargeResult
from domain.payments import FrozenCharge
from domain.registrations import Registration
from domain.states import FeeStatus
from gateways.fakes.payments import FakePayments
from gateways.fakes.records import InMemoryRecords
from tests.gateways.households import (
    CARD,
    Household,
    booking,
    booking_number,
    card,
    key,
    new_household,
)
from tests.mandates import MANDATES

HOUR = timedelta(hours=1)


async def charged_by_the_lost_service(family: Household, row: Registration) -> FakePayments:
    """To the card that the database has now; afterwards it knows another."""
    payments = FakePayments()
    payments.save_card(CARD)
    payments.save_card(card("pm_older"))
    frozen, _ = await family.records.open_charge(row.id, 1, 1, booking_number(row), key("charge"))
    assert frozen is not None
    await payments.charge(frozen)
    return payments


async def charge(family: Household, payments: FakePayments, row: Registration) -> ChargeResult:
    order = ChargeOrder(
        registration_id=row.id,
        number=1,
        booking=booking(row),
        fence=1,
        operation_key=key("charge"),
    )
    charging = Charging(family.records, payments, MANDATES, SystemClock())
    return await ActivityEnvironment().run(charging.charge_success_fee, order)


def restored_with(records: InMemoryRecords, row: Registration, **changes: object) -> FrozenCharge:
    """The charge as a restored database freezes it: from the card it has on file."""
    (kept,) = records.charges[row.id]
    older = kept.charge.model_copy(update={"payment_method_id": "pm_older", **changes})
    records.charges[row.id] = [kept.model_copy(update={"charge": older})]
    return older


async def test_it_is_looked_for_before_it_is_made_though_its_key_be_forgotten() -> None:
    records = InMemoryRecords()
    family = await new_household(records)
    row = await family.sent()
    payments = await charged_by_the_lost_service(family, row)
    made = records.charges[row.id][0].charge.first_sent_at
    restored_with(records, row, may_exist_since=made - HOUR)

    result = await charge(family, payments, row)

    assert result.fee_status is FeeStatus.PAID
    assert len(payments.sends) == len(payments.taken(row.id)) == 1


async def test_a_key_that_was_used_with_another_card_leads_to_what_it_made() -> None:
    records = InMemoryRecords()
    family = await new_household(records)
    row = await family.sent()
    payments = await charged_by_the_lost_service(family, row)
    restored_with(records, row)

    result = await charge(family, payments, row)

    assert (result.fee_status, result.undecided) == (FeeStatus.PAID, False)
    assert len(payments.taken(row.id)) == 1


async def test_what_was_never_made_is_made_once() -> None:
    records = InMemoryRecords()
    family = await new_household(records)
    row = await family.sent()
    await records.open_charge(row.id, 1, 1, booking_number(row), key("charge"))
    payments = FakePayments()
    payments.save_card(card("pm_older"))
    older = restored_with(records, row)
    restored_with(records, row, may_exist_since=older.first_sent_at - 48 * HOUR)

    result = await charge(family, payments, row)

    assert result.fee_status is FeeStatus.PAID
    assert len(payments.taken(row.id)) == 1
