from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr

from domain.contracts import CancelOrder, RescheduleOrder
from domain.errors import Conflict, RecordMissing, RecordRejected
from domain.mandates import MOST_TOKEN, UnsignedMandate
from domain.registrations import Mandate, Registration
from domain.states import AuditKind
from gateways.protocols.records import Records
from tests.gateways.households import MANDATE_LASTS, Household, completion, declined, key, paid
from tests.mandates import MANDATES

TOKEN = SecretStr("header.claims.signature")
MANY = 100_000


async def unsigned(family: Household) -> Registration:
    """Pending, as a release confirms it that signs no mandates."""
    row = await family.draft()
    until = row.scheduled_time + MANDATE_LASTS
    await family.records.confirm(row.id, row.version, until, key("confirm"))
    return await family.records.registration(row.id)


async def mandate_of(records: Records, row: Registration) -> Mandate:
    mandate = (await records.dossier(row.id)).mandate
    assert mandate is not None
    return mandate


async def listed(records: Records) -> dict[UUID, UnsignedMandate]:
    return {one.registration_id: one for one in await records.unsigned_mandates(MANY)}


def move(row: Registration, moved_by: timedelta = timedelta(days=2)) -> RescheduleOrder:
    return RescheduleOrder(
        registration_id=row.id,
        expected_version=row.version,
        operation_key=key("reschedule"),
        scheduled_time=row.scheduled_time + moved_by,
        time_zone="Europe/Berlin",
    )


async def test_a_mandate_is_withdrawn_once_and_without_a_new_version(family: Household) -> None:
    row, again = await family.pending(), key("revoke")
    mandate = await family.records.revoke_mandate(row.id, again)
    assert mandate.id == row.mandate_id
    assert mandate.revoked_at is not None
    assert await family.records.revoke_mandate(row.id, again) == mandate
    kept = (await family.records.dossier(row.id)).mandate
    assert kept is not None
    assert kept.model_copy(update={"token": None}) == mandate
    assert (await family.records.registration(row.id)).version == row.version


async def test_a_mandate_withdrawn_twice_stays_as_withdrawn_first(family: Household) -> None:
    row = await family.pending()
    mandate = await family.records.revoke_mandate(row.id, key("revoke"))
    await family.records.cancel(
        CancelOrder(
            registration_id=row.id, expected_version=row.version, operation_key=key("cancel")
        )
    )
    assert await family.records.revoke_mandate(row.id, key("revoke")) == mandate


async def test_a_draft_has_no_mandate_to_withdraw(family: Household) -> None:
    with pytest.raises(RecordMissing):
        await family.records.revoke_mandate((await family.draft()).id, key("revoke"))
    with pytest.raises(RecordMissing):
        await family.records.revoke_mandate(uuid4(), key("revoke"))


async def test_a_mandate_is_withdrawn_of_what_is_claimed_while_nothing_may_be_sent(
    family: Household,
) -> None:
    row = await family.executing()
    mandate = await family.records.revoke_mandate(row.id, key("revoke"))
    assert mandate.revoked_at is not None
    assert (await family.records.registration(row.id)).version == row.version


async def test_a_mandate_under_which_a_booking_may_be_sent_is_withdrawn_once_that_is_taken_back(
    family: Household,
) -> None:
    row, again = await family.sent(), key("revoke")
    with pytest.raises(Conflict):
        await family.records.revoke_mandate(row.id, again)
    assert (await mandate_of(family.records, row)).revoked_at is None
    await family.records.close_attempt(row.id, 1, "released", None)
    assert (await family.records.revoke_mandate(row.id, again)).revoked_at is not None


async def test_whoever_opens_a_marker_learns_whether_the_mandate_was_withdrawn(
    family: Household,
) -> None:
    row, records = await family.executing(), family.records
    assert not (await records.open_attempt(row.id, row.scheduled_time, key("attempt"))).revoked
    await records.close_attempt(row.id, 1, "released", None)
    await records.revoke_mandate(row.id, key("revoke"))
    assert (await records.open_attempt(row.id, row.scheduled_time, key("attempt"))).revoked


async def test_a_mandate_under_which_was_booked_stays(family: Household) -> None:
    row = await family.completed(paid())
    with pytest.raises(Conflict):
        await family.records.revoke_mandate(row.id, key("revoke"))
    assert (await mandate_of(family.records, row)).revoked_at is None


async def test_a_confirm_keeps_the_mandate_under_its_id_with_its_token(family: Household) -> None:
    row, chosen = await family.draft(), uuid4()
    until = row.scheduled_time + MANDATE_LASTS
    await family.records.confirm(row.id, row.version, until, key("confirm"), chosen, TOKEN)
    mandate = await mandate_of(family.records, row)
    assert (mandate.id, mandate.token) == (chosen, TOKEN)
    assert (await family.records.registration(row.id)).mandate_id == chosen


async def test_a_repeated_confirm_changes_neither_id_nor_token(family: Household) -> None:
    row, again = await family.draft(), key("confirm")
    until = row.scheduled_time + MANDATE_LASTS
    first = await family.records.confirm(row.id, row.version, until, again, uuid4(), TOKEN)
    before = await mandate_of(family.records, row)
    other = SecretStr("another.token.altogether")
    answer = await family.records.confirm(row.id, row.version, until, again, uuid4(), other)
    assert answer == first
    assert await mandate_of(family.records, row) == before


@pytest.mark.parametrize("token", ["", "x" * (MOST_TOKEN + 1)])
async def test_what_can_be_no_token_is_refused_and_nothing_is_confirmed(
    family: Household, token: str
) -> None:
    row = await family.draft()
    until = row.scheduled_time + MANDATE_LASTS
    with pytest.raises(RecordRejected) as refused:
        await family.records.confirm(
            row.id, row.version, until, key("confirm"), uuid4(), SecretStr(token)
        )
    assert refused.value.code == "invalid_mandate"
    assert await family.records.registration(row.id) == row


async def test_a_withdrawn_mandate_is_answered_without_its_token(family: Household) -> None:
    row = await family.pending()
    assert (await mandate_of(family.records, row)).token is not None
    assert (await family.records.revoke_mandate(row.id, key("revoke"))).token is None


async def test_a_move_takes_the_end_and_the_token_that_it_is_given(family: Household) -> None:
    row = await family.pending()
    before = await mandate_of(family.records, row)
    until = before.valid_until + timedelta(days=2, microseconds=1)
    await family.records.reschedule(move(row), until, TOKEN)
    after = await mandate_of(family.records, row)
    assert (after.valid_until, after.token) == (until, TOKEN)


async def test_a_move_without_a_token_leaves_the_mandate_unsigned(family: Household) -> None:
    row = await family.pending()
    await family.records.reschedule(move(row))
    after = await mandate_of(family.records, row)
    assert after.token is None
    assert after.valid_until == row.scheduled_time + timedelta(days=2) + MANDATE_LASTS


async def test_a_move_to_the_same_instant_keeps_what_was_signed(family: Household) -> None:
    row = await family.pending()
    before = await mandate_of(family.records, row)
    await family.records.reschedule(move(row, timedelta()), before.valid_until, TOKEN)
    assert await mandate_of(family.records, row) == before


async def test_a_mandate_of_an_earlier_release_is_listed_and_signed_once(
    family: Household,
) -> None:
    row = await unsigned(family)
    found = (await listed(family.records))[row.id]
    assert (found.code, found.signable) == (row.code, True)
    again = key("sign")
    standing = await family.records.sign_mandate(row.id, TOKEN, "kim", again)
    assert standing.version == row.version
    assert await family.records.sign_mandate(row.id, TOKEN, "kim", again) == standing
    assert (await mandate_of(family.records, row)).token == TOKEN
    assert row.id not in await listed(family.records)
    with pytest.raises(Conflict):
        await family.records.sign_mandate(row.id, TOKEN, "kim", key("sign"))
    event = (await family.records.audit_trail(row.id))[-1]
    assert event.kind is AuditKind.MANDATE_SIGNED
    assert event.detail == {"mandate_id": str(row.mandate_id), "by": "kim"}
    assert (await family.records.verify_audit(row.id)).holds
    assert standing.audit_head == event.hash


async def test_a_signed_mandate_is_not_listed(family: Household) -> None:
    row = await family.pending()
    assert row.id not in await listed(family.records)


async def test_only_a_mandate_under_which_something_may_still_be_done_is_signed(
    family: Household, other_family: Household
) -> None:
    records = family.records
    row = await unsigned(family)
    await records.cancel(
        CancelOrder(
            registration_id=row.id, expected_version=row.version, operation_key=key("cancel")
        )
    )
    assert row.id not in await listed(records)
    with pytest.raises(Conflict):
        await records.sign_mandate(row.id, TOKEN, "kim", key("sign"))
    with pytest.raises(RecordMissing):
        await records.sign_mandate((await other_family.draft()).id, TOKEN, "kim", key("sign"))


@pytest.mark.parametrize("due", [True, False])
async def test_after_the_booking_a_mandate_is_in_use_while_its_fee_is_due(
    family: Household, due: bool
) -> None:
    records = family.records
    await family.claim(await unsigned(family))
    (row, *_) = await records.registrations(family.user_id, 1)
    await records.open_attempt(row.id, row.scheduled_time, key("attempt"))
    await family.charge(row)
    await records.record_outcome(completion(row, declined() if due else paid()))
    assert (row.id in await listed(records)) is due


async def test_an_unsigned_mandate_may_be_moved_and_signed_after_that(family: Household) -> None:
    row = await unsigned(family)
    await family.records.sign_mandate(row.id, TOKEN, "kim", key("sign"))
    await family.records.reschedule(move(row))
    assert row.id in await listed(family.records)
    await family.records.sign_mandate(row.id, TOKEN, "kim", key("sign"))
    assert (await mandate_of(family.records, row)).token == TOKEN


async def test_what_was_signed_comes_back_as_it_was(family: Household) -> None:
    mandate = await mandate_of(family.records, await family.pending())
    assert mandate.token is not None
    assert MANDATES.read(mandate.token).claims.jti == mandate.id
