"""What an operator's look reads in one question: what opens soon, and one registration's ledger."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from domain.contracts import CancelOrder, RescheduleOrder
from domain.errors import RecordMissing
from domain.openings import Opening
from domain.payments import ChargeStatus
from domain.refusals import Reason
from domain.registrations import Dossier, Registration
from domain.states import NotificationKind
from gateways.protocols.records import Records
from gateways.supabase_records import SupabaseRecords
from tests.gateways.households import Household, booking_number, key, paid, review

DAY = timedelta(days=1)
EVERY = 10_000


async def opening_of(records: Records, row: Registration, within: timedelta = DAY) -> Opening:
    found = (await records.openings(within, EVERY)).openings
    (opening,) = [one for one in found if one.agreement.registration.id == row.id]
    return opening


async def test_what_opens_within_the_time_comes_with_its_dossier(
    records: Records, family: Household
) -> None:
    row = await family.pending()

    opening = await opening_of(records, row)

    assert opening.agreement == await records.dossier(row.id)
    assert (opening.unread, opening.marker, opening.noted) == (None, None, None)


async def test_what_opened_opens_later_or_is_cancelled_is_left_out(
    records: Records, family: Household
) -> None:
    now = datetime.now(UTC)
    kept, later, past, given_up = await family.queue(4)
    for row, at in ((later, now + 2 * DAY), (past, now - DAY)):
        changed = row.model_copy(update={"scheduled_time": at})
        await _move(records, changed)
    await records.cancel(
        CancelOrder(
            registration_id=given_up.id,
            expected_version=given_up.version,
            operation_key=key("cancel"),
        )
    )

    found = await records.openings(DAY, EVERY)

    listed = {one.agreement.registration.id for one in found.openings}
    assert listed & {kept.id, later.id, past.id, given_up.id} == {kept.id}


async def test_they_come_by_opening_and_then_by_place_in_the_queue(
    records: Records, family: Household
) -> None:
    at = datetime.now(UTC) + timedelta(hours=2)
    late = await family.queue(1, scheduled_time=at + timedelta(hours=1))
    first = await family.queue(3, scheduled_time=at)

    found = (await records.openings(DAY, EVERY)).openings

    ours = [one.agreement.registration for one in found]
    expected = [row.id for row in (*first, *late)]
    assert [row.id for row in ours if row.id in expected] == expected
    assert [row.queue_place for row in ours if row.id in expected] == [1, 2, 3, 1]


async def test_beyond_the_limit_they_are_only_counted(records: Records, family: Household) -> None:
    await family.queue(3)

    all_of_them = await records.openings(DAY, EVERY)
    found = await records.openings(DAY, 1)

    assert len(found.openings) == 1
    assert found.more == len(all_of_them.openings) - 1 >= 2


async def test_a_draft_is_counted_and_no_more(records: Records, family: Household) -> None:
    before = await records.openings(DAY, EVERY)
    row = await family.draft()

    after = await records.openings(DAY, EVERY)

    assert after.drafts == before.drafts + 1
    assert row.id not in {one.agreement.registration.id for one in after.openings}


async def test_the_open_marker_and_the_last_problems_are_told(
    records: Records, family: Household
) -> None:
    row = await family.executing()
    opened = await records.open_attempt(row.id, row.scheduled_time, key("attempt"), uuid4())
    noted = tuple(Reason(code=code, sentence="…") for code in ("no_card", "over_cap"))
    await records.note_problems(row.id, (noted[0],), key("look"))
    await records.note_problems(row.id, noted, key("look"))

    opening = await opening_of(records, row)

    assert opening.marker == opened.marker
    assert opening.noted is not None
    assert opening.noted.codes == ("no_card", "over_cap")


async def test_without_the_keys_of_people_the_rest_is_read(
    records: Records, keyless: Records, family: Household
) -> None:
    row = await family.pending()

    opening = await opening_of(keyless, row)

    assert opening.agreement.registration.id == row.id
    sealed = isinstance(records, SupabaseRecords)
    assert isinstance(opening.agreement, Dossier) is not sealed
    assert (opening.unread is not None) is sealed


async def test_the_ledger_of_a_booked_registration_has_attempt_charge_letters_and_receipt(
    records: Records, family: Household
) -> None:
    row = await family.completed(paid())
    (letter,) = [one for one in await records.unsent(row.id) if one.kind.value == "booked"]
    await records.mark_sent(letter.id)

    ledger = await records.ledger(row.id)

    (attempt,), (charge,) = ledger.attempts, ledger.charges
    assert (attempt.outcome, attempt.booking_number) == ("booked", booking_number(row))
    assert (charge.number, charge.status, charge.amount) == (1, ChargeStatus.SUCCEEDED, row.fee)
    assert charge.settled_at is not None
    assert ledger.receipt is not None
    assert ledger.receipt.receipt_code == row.receipt_code
    sent = {one.kind: one.sent_at is not None for one in ledger.letters}
    assert sent == {NotificationKind.SCHEDULED: False, NotificationKind.BOOKED: True}
    assert (ledger.refund, ledger.booking_gone_at) == (None, None)


async def test_the_ledger_of_a_review_agrees_with_its_case(
    records: Records, family: Household
) -> None:
    row = await family.sent()
    await records.record_outcome(review(row))
    case = await records.review_case(row.id)

    ledger = await records.ledger(row.id)

    assert case is not None
    assert ledger.attempts == case.attempts


async def test_there_is_no_ledger_of_what_does_not_exist(records: Records) -> None:
    with pytest.raises(RecordMissing):
        await records.ledger(uuid4())


async def _move(records: Records, row: Registration) -> None:
    await records.reschedule(
        RescheduleOrder(
            registration_id=row.id,
            expected_version=row.version,
            operation_key=key("move"),
            scheduled_time=row.scheduled_time,
            time_zone=row.time_zone,
        )
    )
