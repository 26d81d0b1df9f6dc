import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from domain.contracts import ClaimOrder, OutcomeOrder
from domain.errors import BookingsPaused, Conflict, RecordMissing, RecordRejected
from domain.identifiers import operation_key
from domain.registrations import Registration
from domain.states import FailureCode, RegistrationStatus
from gateways.protocols.records import Records
from tests.gateways.households import Household, completion, declined, failure, key

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
async def running(records: Records) -> AsyncIterator[None]:
    """The row is everybody's: each test leaves bookings running."""
    yield
    await records.resume_bookings(reconciled=True)


async def restored(records: Records) -> datetime:
    """As after a restore from a backup taken some time ago."""
    backup = datetime.now(UTC) - 2 * HOUR
    await records.pause_bookings("restored", backup)
    return backup


async def open_attempt(family: Household, row: Registration) -> None:
    await family.records.open_attempt(row.id, row.scheduled_time, key("attempt"))


def missed(row: Registration) -> OutcomeOrder:
    late = {"failure_code": FailureCode.MISSED_WINDOW}
    return failure(row).model_copy(update=late)


async def test_while_paused_nothing_is_claimed_and_no_marker_opened(family: Household) -> None:
    pending, executing = await family.queue(2)
    await family.claim(executing)
    state = await family.records.pause_bookings("the organisers' system is odd")
    assert state.paused
    assert state.paused_because == "the organisers' system is odd"
    with pytest.raises(BookingsPaused):
        await family.claim(pending)
    with pytest.raises(BookingsPaused):
        await open_attempt(family, executing)
    assert (await family.records.registration(pending.id)).status is RegistrationStatus.PENDING
    assert not (await family.records.resume_bookings()).paused
    await family.claim(pending)
    await open_attempt(family, executing)


async def test_a_pause_of_bookings_holds_back_neither_a_charge_nor_the_end_of_a_missed_one(
    family: Household,
) -> None:
    pending, sent = await family.queue(2)
    await family.claim(sent)
    await open_attempt(family, sent)
    await family.records.pause_bookings("a brake")
    assert await family.charge(sent) is not None
    assert (await family.records.record_outcome(missed(pending))).status is (
        RegistrationStatus.FAILED
    )


async def test_a_repeated_pause_keeps_the_first_reason_and_a_repeated_resume_does_no_harm(
    records: Records,
) -> None:
    first = await records.pause_bookings("first")
    assert await records.pause_bookings("second") == first
    assert await records.service_state() == first
    running = await records.resume_bookings()
    assert await records.resume_bookings() == running
    assert (running.paused, running.paused_because) == (False, None)


@pytest.mark.parametrize("because", ["", "x" * 501])
async def test_a_pause_needs_a_reason(records: Records, because: str) -> None:
    with pytest.raises(RecordRejected) as refused:
        await records.pause_bookings(because)
    assert refused.value.code == "no_reason"


async def test_a_backup_from_the_future_is_refused(records: Records) -> None:
    with pytest.raises(RecordRejected) as refused:
        await records.pause_bookings("restored", datetime.now(UTC) + HOUR)
    assert refused.value.code == "backup_in_future"


async def test_after_a_restore_bookings_run_only_once_it_is_reconciled(records: Records) -> None:
    backup = await restored(records)
    state = await records.service_state()
    assert (state.paused, state.unreconciled) == (True, True)
    assert state.backup_taken_at == backup
    assert await records.pause_bookings("again", backup) == state
    with pytest.raises(RecordRejected) as refused:
        await records.resume_bookings()
    assert refused.value.code == "not_reconciled"
    reconciled = await records.resume_bookings(reconciled=True)
    assert (reconciled.paused, reconciled.unreconciled) == (False, False)


async def test_until_it_is_reconciled_no_charge_is_frozen_and_nothing_pending_fails(
    family: Household,
) -> None:
    pending, sent = await family.queue(2)
    await family.claim(sent)
    await open_attempt(family, sent)
    await restored(family.records)
    with pytest.raises(BookingsPaused):
        await family.charge(sent)
    with pytest.raises(BookingsPaused):
        await family.records.record_outcome(missed(pending))
    await family.records.resume_bookings(reconciled=True)
    assert await family.charge(sent) is not None
    assert (await family.records.record_outcome(missed(pending))).status is (
        RegistrationStatus.FAILED
    )


async def test_what_may_have_been_booked_is_claimed_with_one_marker_of_nobodys(
    family: Household,
) -> None:
    row = await family.pending(scheduled_time=datetime.now(UTC) - HOUR)
    backup = await restored(family.records)
    standing = await family.records.mark_possibly_booked(row.id)
    again = await asyncio.gather(*(family.records.mark_possibly_booked(row.id) for _ in range(3)))
    assert again == [standing] * 3
    assert (standing.status, standing.version) == (RegistrationStatus.EXECUTING, row.version + 1)
    await family.records.resume_bookings(reconciled=True)
    opened = await family.records.open_attempt(row.id, row.scheduled_time, key("attempt"))
    (marker,) = opened.unclosed
    assert (marker.fence, marker.lease.value) == (1, "none")
    assert (marker.opened_at, marker.send_at) == (backup, row.scheduled_time)
    trail = await family.records.audit_trail(row.id)
    assert [event.kind.value for event in trail[2:]] == ["claimed", *["attempt_opened"] * 2]
    assert (await family.records.verify_audit(row.id)).holds


async def test_a_run_that_asks_for_its_claim_later_gets_the_one_already_made(
    family: Household,
) -> None:
    row = await family.pending(scheduled_time=datetime.now(UTC) - HOUR)
    await restored(family.records)
    standing = await family.records.mark_possibly_booked(row.id)
    own = operation_key(row.id, "claim", row.version)
    order = ClaimOrder(registration_id=row.id, expected_version=row.version, operation_key=own)
    assert (await family.records.claim(order)).standing.version == standing.version


async def test_marking_one_that_opens_later_delays_nobody(family: Household) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=30)
    (next_one,) = await family.queue(1, scheduled_time=soon)
    (opened,) = await family.queue(1, scheduled_time=soon - HOUR)
    (moved,) = await family.queue(1, scheduled_time=soon + HOUR)
    await restored(family.records)
    await family.records.mark_possibly_booked(moved.id)
    await family.records.mark_possibly_booked(opened.id)
    await family.records.resume_bookings(reconciled=True)
    assert (await family.claim(next_one)).send_at < soon + timedelta(seconds=1)


async def test_a_draft_is_marked_and_stays_one_and_what_ended_is_not_marked(
    family: Household,
) -> None:
    draft, ended = await family.draft(), await family.executing()
    await family.records.record_outcome(failure(ended))
    with pytest.raises(Conflict):
        await family.records.mark_possibly_booked(draft.id)
    await restored(family.records)
    marked = await family.records.mark_possibly_booked(draft.id)
    assert marked.status is RegistrationStatus.DRAFT
    with pytest.raises(Conflict):
        await family.records.mark_possibly_booked(ended.id)
    with pytest.raises(RecordMissing):
        await family.records.mark_possibly_booked(uuid4())


async def test_a_charge_that_the_lost_service_may_have_made_is_to_be_looked_for_first(
    family: Household,
) -> None:
    marked, due = await family.queue(2, scheduled_time=datetime.now(UTC) - HOUR)
    await family.claim(due)
    await open_attempt(family, due)
    before = await family.charge(due)
    assert before is not None
    assert before.may_exist_since is None
    due = await family.records.registration(due.id)
    await family.records.record_outcome(completion(due, declined()))
    backup = await restored(family.records)
    await family.records.mark_possibly_booked(marked.id)
    await family.records.resume_bookings(reconciled=True)
    frozen = await family.charge(await family.records.registration(marked.id))
    retried = await family.charge(due, 2)
    assert frozen is not None
    assert retried is not None
    assert (frozen.may_exist_since, retried.may_exist_since) == (backup, backup)


async def test_a_charge_of_what_was_booked_after_the_restore_needs_no_look(
    family: Household,
) -> None:
    await restored(family.records)
    await family.records.resume_bookings(reconciled=True)
    row = await family.sent()
    frozen = await family.charge(row)
    assert frozen is not None
    assert frozen.may_exist_since is None


async def test_every_account_is_listed(family: Household, other_family: Household) -> None:
    refs = [account.org_ref for account in await family.records.provider_accounts()]
    assert refs == sorted(refs)
    assert {family.program.org_ref, other_family.program.org_ref} <= set(refs)
