from uuid import uuid4

import pytest

from domain.contracts import ChargeResult, FeeOrder
from domain.errors import Conflict, RecordMissing, RecordRejected
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


def asks(number: int) -> ChargeResult:
    return ChargeResult(
        fee_status=FeeStatus.REQUIRES_ACTION,
        outcome=ChargeOutcome(
            number=number, status=ChargeStatus.REQUIRES_ACTION, payment_intent_id="pi_asks"
        ),
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


async def test_no_charge_follows_one_that_may_still_be_approved(family: Household) -> None:
    row = await family.completed(declined())
    await family.charge(row, number=2)
    standing = await family.records.settle_fee(fee_order(row, asks(2)))
    assert standing.fee_status is FeeStatus.REQUIRES_ACTION
    again = await family.records.registration(row.id)
    with pytest.raises(Conflict):
        await family.charge(again, number=3)

    waiting = (await family.records.charges_of(row.id))[1]
    assert (waiting.status, waiting.payment_intent_id) == (ChargeStatus.REQUIRES_ACTION, "pi_asks")
    withdrawn = ChargeOutcome(number=2, status=ChargeStatus.DECLINED, decline_code="canceled")
    for _ in range(2):
        await family.records.close_charge(row.id, withdrawn, key("close"))
    after = await family.records.registration(row.id)
    assert (after.fee_status, after.version) == (again.fee_status, again.version)
    assert await family.charge(after, number=3) is not None
    ended = [charge.status.value for charge in await family.records.charges_of(row.id)]
    assert ended == ["declined", "declined", "frozen"]


async def test_only_a_charge_that_took_nothing_is_closed(family: Household) -> None:
    row = await family.completed(paid())
    none = ChargeOutcome(number=1, status=ChargeStatus.DECLINED)
    with pytest.raises(Conflict):
        await family.records.close_charge(row.id, none, key("close"))
    for outcome, rule in (
        (none.model_copy(update={"number": 7}), "charge_missing"),
        (none.model_copy(update={"status": ChargeStatus.SUCCEEDED}), "charge_mismatch"),
    ):
        with pytest.raises(RecordRejected) as refused:
            await family.records.close_charge(row.id, outcome, key("close"))
        assert refused.value.code == rule
    with pytest.raises(RecordMissing):
        await family.records.charges_of(uuid4())


async def test_a_parent_is_told_of_a_fee_unless_it_is_tried_again_anyway(
    family: Household,
) -> None:
    row = await family.completed(declined())
    for number, code in ((2, "never_made"), (3, "expired_card")):
        row = await family.records.registration(row.id)
        await family.charge(row, number=number)
        result = declined(number)
        assert result.outcome is not None
        outcome = result.outcome.model_copy(update={"decline_code": code})
        await family.records.settle_fee(
            fee_order(row, result.model_copy(update={"outcome": outcome}))
        )
    told = [letter.kind.value for letter in await family.records.unsent(row.id)]
    assert told[-3:] == ["booked", "fee_due", "fee_due"]


async def test_a_fee_is_settled_only_while_it_is_due(family: Household) -> None:
    row = await family.completed(paid())
    with pytest.raises(Conflict):
        await family.records.settle_fee(fee_order(row, paid()))
    draft = await family.draft()
    with pytest.raises(Conflict):
        await family.records.settle_fee(fee_order(draft, paid()))
