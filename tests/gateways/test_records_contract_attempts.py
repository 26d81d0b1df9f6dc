import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from domain.contracts import ChargeResult, FeeOrder
from domain.errors import Conflict, RecordMissing, RecordsError
from domain.identifiers import fee_key
from domain.money import Money
from domain.states import FeeStatus
from gateways.protocols.records import Records
from tests.gateways.households import (
    Household,
    booking_number,
    card,
    completion,
    declined,
    key,
    newcomer,
    paid,
)


async def test_markers_are_numbered_and_name_the_unclosed_ones_before(family: Household) -> None:
    row = await family.executing()
    send_at = row.scheduled_time + timedelta(microseconds=7)
    first = await family.records.open_attempt(row.id, send_at, key("attempt"))
    assert (first.marker.fence, first.marker.send_at, first.unclosed) == (1, send_at, ())
    assert first.booked is None
    second = await family.records.open_attempt(row.id, send_at, key("attempt"))
    assert second.marker.fence == 2
    assert second.unclosed == (first.marker,)
    await family.records.close_attempt(row.id, 1, "nothing_found", "0 bookings")
    third = await family.records.open_attempt(row.id, send_at, key("attempt"))
    assert third.unclosed == (second.marker,)


async def test_a_marker_that_ended_in_a_booking_is_named_to_every_later_attempt(
    family: Household,
) -> None:
    row = await family.sent()
    await family.charge(row)
    for _ in range(2):
        opened = await family.records.open_attempt(row.id, row.scheduled_time, key("attempt"))
        assert opened.booked is not None
        assert opened.booked.booking_number == booking_number(row)
        assert opened.booked.send_at == row.scheduled_time


async def test_an_attempt_repeated_with_its_key_takes_no_second_marker(family: Household) -> None:
    row, again = await family.executing(), key("attempt")
    opened = await asyncio.gather(
        *(family.records.open_attempt(row.id, row.scheduled_time, again) for _ in range(4))
    )
    assert {each.marker.fence for each in opened} == {1}
    follower = await family.records.open_attempt(row.id, row.scheduled_time, key("attempt"))
    assert follower.marker.fence == 2


async def test_attempts_at_once_take_different_fences(family: Household) -> None:
    row = await family.executing()
    opened = await asyncio.gather(
        *(family.records.open_attempt(row.id, row.scheduled_time, key("attempt")) for _ in range(5))
    )
    assert sorted(each.marker.fence for each in opened) == [1, 2, 3, 4, 5]
    assert sorted(len(each.unclosed) for each in opened) == [0, 1, 2, 3, 4]


async def test_an_attempt_does_not_change_the_version(family: Household) -> None:
    row = await family.executing()
    await family.records.open_attempt(row.id, row.scheduled_time, key("attempt"))
    await family.charge(row)
    assert (await family.records.registration(row.id)).version == row.version


async def test_an_attempt_needs_a_claimed_registration(family: Household) -> None:
    row = await family.pending()
    with pytest.raises(Conflict):
        await family.records.open_attempt(row.id, row.scheduled_time, key("attempt"))
    with pytest.raises(RecordMissing):
        await family.records.open_attempt(uuid4(), row.scheduled_time, key("attempt"))


@pytest.mark.parametrize("outcome", ["released", "refused", "nothing_found", "booked"])
async def test_a_marker_is_closed_once_however_often_it_is_asked(
    family: Household, outcome: str
) -> None:
    row = await family.executing()
    await family.records.open_attempt(row.id, row.scheduled_time, key("attempt"))
    for _ in range(2):
        await family.records.close_attempt(row.id, 1, outcome, None)
    kinds = [event.kind.value for event in await family.records.audit_trail(row.id)]
    assert kinds.count("attempt_closed") == 1
    after = await family.records.open_attempt(row.id, row.scheduled_time, key("attempt"))
    assert after.unclosed == ()


async def test_a_marker_is_closed_only_as_what_is_known_and_only_if_it_exists(
    family: Household,
) -> None:
    row = await family.executing()
    await family.records.open_attempt(row.id, row.scheduled_time, key("attempt"))
    with pytest.raises(RecordsError):
        await family.records.close_attempt(row.id, 1, "perhaps", None)
    with pytest.raises(RecordMissing):
        await family.records.close_attempt(row.id, 2, "released", None)


async def test_a_charge_is_frozen_with_what_the_profile_holds_then(family: Household) -> None:
    row = await family.executing()
    await family.records.open_attempt(row.id, row.scheduled_time, key("attempt"))
    frozen, dossier = await family.records.open_charge(
        row.id, 1, 1, booking_number(row), key("charge")
    )
    assert frozen is not None
    assert frozen.registration_id == row.id
    assert frozen.idempotency_key == fee_key(row.id, 1)
    assert frozen.amount == Money(amount_cents=2_000)
    assert (frozen.customer_id, frozen.payment_method_id) == (family.customer_id, "pm_first")
    assert abs(frozen.first_sent_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert dossier.registration.id == row.id
    assert dossier.mandate is not None
    assert dossier.mandate.used_at is not None


async def test_the_same_number_is_the_same_charge_whatever_changed_since(
    family: Household,
) -> None:
    row = await family.executing()
    await family.records.open_attempt(row.id, row.scheduled_time, key("attempt"))
    first = await family.charge(row)
    await family.save_card(card("pm_new"))
    again = await asyncio.gather(*(family.charge(row) for _ in range(3)))
    assert again == [first] * 3


async def test_opening_a_charge_closes_the_markers(family: Household) -> None:
    row = await family.executing()
    for _ in range(2):
        await family.records.open_attempt(row.id, row.scheduled_time, key("attempt"))
    await family.charge(row)
    after = await family.records.open_attempt(row.id, row.scheduled_time, key("attempt"))
    assert after.unclosed == ()


async def test_without_a_card_there_is_no_charge_until_one_is_saved(records: Records) -> None:
    family = await newcomer(records)
    row = await family.executing()
    await records.open_attempt(row.id, row.scheduled_time, key("attempt"))
    frozen, dossier = await records.open_charge(row.id, 1, 1, booking_number(row), key("charge"))
    assert frozen is None
    assert dossier.card is None
    assert dossier.mandate is not None
    assert dossier.mandate.used_at is not None
    await records.record_outcome(completion(row, ChargeResult(fee_status=FeeStatus.DUE)))
    await family.save_card(card("pm_late"))
    first = await family.charge(row)
    assert first is not None
    assert (first.number, first.payment_method_id) == (1, "pm_late")


async def test_an_undecided_charge_blocks_the_next_number(family: Household) -> None:
    row = await family.executing()
    await family.records.open_attempt(row.id, row.scheduled_time, key("attempt"))
    await family.charge(row)
    with pytest.raises(Conflict):
        await family.charge(row, number=2)


async def test_a_declined_charge_is_followed_by_a_new_one_with_the_new_card(
    family: Household,
) -> None:
    row = await family.completed(declined())
    await family.save_card(card("pm_new"))
    with pytest.raises(Conflict):
        await family.charge(row, number=3)
    second = await family.charge(row, number=2)
    assert second is not None
    assert second.idempotency_key == fee_key(row.id, 2)
    assert second.payment_method_id == "pm_new"


async def test_a_paid_fee_is_never_charged_again(family: Household) -> None:
    row = await family.completed(paid())
    with pytest.raises(Conflict):
        await family.charge(row, number=2)


async def test_a_fee_paid_at_the_second_try_is_never_charged_again(family: Household) -> None:
    row = await family.completed(declined())
    await family.charge(row, number=2)
    await family.records.settle_fee(
        FeeOrder(
            registration_id=row.id,
            expected_version=row.version,
            operation_key=key("fee"),
            charge=paid(2),
        )
    )
    with pytest.raises(Conflict):
        await family.charge(row, number=3)


async def test_a_charge_needs_the_attempt_that_booked(family: Household) -> None:
    row = await family.executing()
    with pytest.raises(RecordMissing):
        await family.charge(row)
    await family.records.open_attempt(row.id, row.scheduled_time, key("attempt"))
    await family.records.close_attempt(row.id, 1, "released", None)
    with pytest.raises(Conflict):
        await family.charge(row)


async def test_a_registration_is_charged_for_one_booking_only(family: Household) -> None:
    row = await family.completed(declined())
    with pytest.raises(Conflict):
        await family.records.open_charge(row.id, 2, 1, "another-booking", key("charge"))


async def test_a_charge_needs_a_registration_being_booked(family: Household) -> None:
    row = await family.pending()
    with pytest.raises(Conflict):
        await family.charge(row)
