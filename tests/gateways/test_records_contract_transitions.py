import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from domain.contracts import CancelOrder, ClaimOrder, RescheduleOrder, Standing
from domain.errors import Conflict, RecordRejected
from domain.programs import OpeningSource
from domain.registrations import Registration
from domain.states import FeeStatus, RegistrationStatus
from tests.gateways.households import MANDATE_LASTS, Household, failure, key

LATER = timedelta(days=2)


def reschedule_order(row: Registration, moved_by: timedelta = LATER) -> RescheduleOrder:
    return RescheduleOrder(
        registration_id=row.id,
        expected_version=row.version,
        operation_key=key("reschedule"),
        scheduled_time=row.scheduled_time + moved_by,
        time_zone="Europe/Berlin",
    )


def cancel_order(row: Registration) -> CancelOrder:
    return CancelOrder(
        registration_id=row.id, expected_version=row.version, operation_key=key("cancel")
    )


def claim_order(row: Registration) -> ClaimOrder:
    return ClaimOrder(
        registration_id=row.id, expected_version=row.version, operation_key=key("claim")
    )


async def test_confirm_makes_the_draft_pending_under_a_mandate(family: Household) -> None:
    draft = await family.draft()
    standing = await family.confirm(draft)
    row = await family.records.registration(draft.id)
    assert standing == Standing(
        status=RegistrationStatus.PENDING,
        fee_status=FeeStatus.NOT_DUE,
        version=draft.version + 1,
        scheduled_time=draft.scheduled_time,
        audit_head=row.audit_head or "",
    )
    assert (row.status, row.version) == (standing.status, standing.version)
    assert row.confirmed_at is not None
    assert row.mandate_id is not None


async def test_a_confirm_repeated_with_its_key_gives_the_first_answer(family: Household) -> None:
    draft, again = await family.draft(), key("confirm")
    first = await family.confirm(draft, again)
    await family.records.reschedule(reschedule_order(await family.records.registration(draft.id)))
    assert await family.confirm(draft, again) == first


async def test_confirms_with_one_key_at_once_all_get_the_one_answer(family: Household) -> None:
    draft, again = await family.draft(), key("confirm")
    standings = await asyncio.gather(*(family.confirm(draft, again) for _ in range(5)))
    assert {standing.audit_head for standing in standings} == {standings[0].audit_head}
    assert len(await family.records.audit_trail(draft.id)) == 2


async def test_a_second_confirm_with_another_key_conflicts(family: Household) -> None:
    draft = await family.draft()
    await family.confirm(draft)
    with pytest.raises(Conflict):
        await family.confirm(draft)


async def test_a_confirm_of_another_version_conflicts_and_changes_nothing(
    family: Household,
) -> None:
    draft = await family.draft()
    with pytest.raises(Conflict):
        await family.confirm(draft.model_copy(update={"version": draft.version + 1}))
    assert await family.records.registration(draft.id) == draft


async def test_a_child_has_one_live_registration_per_event(family: Household) -> None:
    await family.pending(child_ids=family.child_ids[:1])
    both = await family.draft()
    with pytest.raises(RecordRejected) as refused:
        await family.confirm(both)
    assert refused.value.code == "already_registered"
    assert await family.records.registration(both.id) == both
    await family.confirm(await family.draft(child_ids=family.child_ids[1:]))


async def test_of_two_drafts_confirmed_at_once_for_a_child_one_wins(family: Household) -> None:
    drafts = [await family.draft() for _ in range(4)]
    answers = await asyncio.gather(
        *(family.confirm(draft) for draft in drafts), return_exceptions=True
    )
    refused = [answer for answer in answers if isinstance(answer, RecordRejected)]
    assert [each.code for each in refused] == ["already_registered"] * 3


async def test_a_cancelled_or_failed_registration_gives_the_event_free(family: Household) -> None:
    await family.records.cancel(cancel_order(await family.pending()))
    await family.records.record_outcome(failure(await family.executing()))
    await family.confirm(await family.draft())


async def test_an_operation_key_belongs_to_one_operation_on_one_registration(
    family: Household, other_family: Household
) -> None:
    row, other = await family.draft(), await other_family.draft()
    used = key("confirm")
    await family.confirm(row, used)
    with pytest.raises(Conflict):
        await other_family.confirm(other, used)
    with pytest.raises(Conflict):
        await family.records.revoke_mandate(row.id, used)


async def test_a_transition_without_an_operation_key_is_refused(family: Household) -> None:
    draft = await family.draft()
    with pytest.raises(RecordRejected) as refused:
        await family.records.confirm(draft.id, draft.version, draft.lapses_at, "")
    assert refused.value.code == "no_operation_key"
    assert await family.records.registration(draft.id) == draft


async def test_reschedule_moves_the_opening_and_the_mandate_alike(family: Household) -> None:
    row = await family.pending()
    standing = await family.records.reschedule(reschedule_order(row))
    dossier = await family.records.dossier(row.id)
    assert standing.status is RegistrationStatus.PENDING
    assert standing.version == row.version + 1
    assert standing.scheduled_time == row.scheduled_time + LATER
    assert dossier.registration.scheduled_time == row.scheduled_time + LATER
    assert dossier.registration.time_zone == "Europe/Berlin"
    assert dossier.registration.opening_source is OpeningSource.PARENT
    assert dossier.mandate is not None
    assert dossier.mandate.valid_until == row.scheduled_time + LATER + MANDATE_LASTS


async def test_a_reschedule_repeated_with_its_key_moves_nothing_further(family: Household) -> None:
    row = await family.pending()
    order = reschedule_order(row)
    first = await family.records.reschedule(order)
    assert await family.records.reschedule(order) == first
    assert (await family.records.registration(row.id)).version == first.version


async def test_reschedule_takes_back_a_claim_whose_markers_are_closed(family: Household) -> None:
    row = await family.executing()
    await family.records.open_attempt(row.id, row.scheduled_time, key("attempt"))
    with pytest.raises(Conflict):
        await family.records.reschedule(reschedule_order(row))
    await family.records.close_attempt(row.id, 1, "released", None)
    standing = await family.records.reschedule(reschedule_order(row))
    assert standing.status is RegistrationStatus.PENDING
    claimed = await family.claim(await family.records.registration(row.id))
    assert claimed.send_at == row.scheduled_time + LATER


async def test_nothing_booked_is_rescheduled_or_cancelled(family: Household) -> None:
    row = await family.executing()
    await family.records.open_attempt(row.id, row.scheduled_time, key("attempt"))
    await family.charge(row)
    with pytest.raises(Conflict):
        await family.records.reschedule(reschedule_order(row))
    with pytest.raises(Conflict):
        await family.records.cancel(cancel_order(row))


async def test_a_draft_is_cancelled_but_never_rescheduled(family: Household) -> None:
    draft = await family.draft()
    with pytest.raises(Conflict):
        await family.records.reschedule(reschedule_order(draft))
    standing = await family.records.cancel(cancel_order(draft))
    assert standing.status is RegistrationStatus.CANCELLED


async def test_cancel_ends_a_pending_registration_once(family: Household) -> None:
    row = await family.pending()
    order = cancel_order(row)
    standing = await family.records.cancel(order)
    assert standing.status is RegistrationStatus.CANCELLED
    assert await family.records.cancel(order) == standing
    with pytest.raises(Conflict):
        await family.records.cancel(cancel_order(await family.records.registration(row.id)))


async def test_cancel_waits_for_every_marker_to_be_closed(family: Household) -> None:
    row = await family.executing()
    await family.records.open_attempt(row.id, row.scheduled_time, key("attempt"))
    with pytest.raises(Conflict):
        await family.records.cancel(cancel_order(row))
    await family.records.close_attempt(row.id, 1, "released", None)
    standing = await family.records.cancel(cancel_order(row))
    assert standing.status is RegistrationStatus.CANCELLED


async def test_a_claim_sends_at_the_opening(family: Household) -> None:
    row = await family.pending()
    claimed = await family.claim(row)
    assert claimed.standing.status is RegistrationStatus.EXECUTING
    assert claimed.send_at == row.scheduled_time
    assert claimed.rank >= 1


async def test_a_claim_after_the_opening_sends_at_once(family: Household) -> None:
    opened = datetime.now(UTC) - timedelta(minutes=5)
    claimed = await family.claim(await family.pending(scheduled_time=opened))
    assert abs(claimed.send_at - datetime.now(UTC)) < timedelta(minutes=1)


async def test_of_many_claims_at_once_one_wins(family: Household) -> None:
    row = await family.pending()
    answers = await asyncio.gather(*(family.claim(row) for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(answer, Conflict) for answer in answers) == 4


async def test_a_claim_repeated_with_its_key_gives_the_first_answer(family: Household) -> None:
    order = claim_order(await family.pending())
    claimed = await family.records.claim(order)
    assert await family.records.claim(order) == claimed
