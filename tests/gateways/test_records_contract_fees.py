import pytest

from domain.contracts import ChargeResult, FeeOrder
from domain.errors import Conflict
from domain.payments import ChargeOutcome, ChargeStatus
from domain.registrations import Registration
from domain.states import FeeStatus
from tests.gateways.households import Household, declined, key, paid


def fee_order(row: Registration, charge: ChargeResult) -> FeeOrder:
    return FeeOrder(
        registration_id=row.id,
        expected_version=row.version,
        operation_key=key("fee"),
        charge=charge,
    )


async def test_a_charge_that_was_declined_is_not_paid_afterwards(family: Household) -> None:
    row = await family.completed(declined())
    with pytest.raises(Conflict):
        await family.records.settle_fee(fee_order(row, paid()))


async def test_a_fee_paid_later_shows_on_the_row_and_on_the_receipt(family: Household) -> None:
    row = await family.completed(declined())
    await family.charge(row, number=2)
    order = fee_order(row, paid(2))
    standing = await family.records.settle_fee(order)
    assert standing.fee_status is FeeStatus.PAID
    assert standing.version == row.version + 1
    assert await family.records.settle_fee(order) == standing
    assert (await family.records.registration(row.id)).fee_status is FeeStatus.PAID
    (receipt,) = await family.records.receipts(family.user_id, 10)
    assert receipt.fee_status is FeeStatus.PAID


async def test_a_fee_may_fail_in_another_way_the_next_time(family: Household) -> None:
    row = await family.completed(declined())
    await family.charge(row, number=2)
    asks = ChargeResult(
        fee_status=FeeStatus.REQUIRES_ACTION,
        outcome=ChargeOutcome(number=2, status=ChargeStatus.REQUIRES_ACTION),
    )
    standing = await family.records.settle_fee(fee_order(row, asks))
    assert standing.fee_status is FeeStatus.REQUIRES_ACTION
    again = await family.records.registration(row.id)
    assert await family.charge(again, number=3) is not None


async def test_a_fee_is_settled_only_while_it_is_due(family: Household) -> None:
    row = await family.completed(paid())
    with pytest.raises(Conflict):
        await family.records.settle_fee(fee_order(row, paid()))
    draft = await family.draft()
    with pytest.raises(Conflict):
        await family.records.settle_fee(fee_order(draft, paid()))
