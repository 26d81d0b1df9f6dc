"""What is looked at again after a registration has ended, and how far that has come."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from domain.errors import Conflict, RecordMissing
from domain.identifiers import external_ref
from domain.registrations import Registration
from domain.states import AuditKind
from domain.sweeps import BookingSweep, Look, Surplus
from gateways.protocols.records import Records
from tests.gateways.households import (
    Household,
    booking_number,
    failure,
    key,
    paid,
    review,
    some_program,
)

AT_ONCE = timedelta()
FAR_OFF = timedelta(hours=1)


def order(*delays: timedelta, **changes: object) -> BookingSweep:
    changes = {"per_account": 10_000, "limit": 10_000, **changes}
    return BookingSweep.model_validate({"delays": delays or (AT_ONCE,), **changes})


async def due(records: Records, sweep: BookingSweep, *rows: Registration) -> list[Look]:
    """Those of the looks that are of these rows: others share the database."""
    ids = {row.id for row in rows}
    return [look for look in await records.due_looks(sweep) if look.registration_id in ids]


async def test_whatever_was_sent_is_due_once_it_has_ended(
    records: Records, family: Household
) -> None:
    row = await family.sent()
    assert await due(records, order(), row) == []
    before = datetime.now(UTC) - timedelta(seconds=30)
    await records.record_outcome(failure(row))

    (look,) = await due(records, order(), row)

    assert (look.provider, look.org_ref) == (row.provider, row.org_ref)
    assert (look.stage, look.last) == (1, True)
    assert look.marked_at is not None
    assert before < look.since < look.marked_at
    assert await due(records, order(FAR_OFF), row) == []


@pytest.mark.parametrize("ended", ["completed", "needs_review"])
async def test_every_end_is_looked_at_and_none_that_was_never_sent(
    records: Records, family: Household, ended: str
) -> None:
    if ended == "completed":
        row = await family.completed(paid())
    else:
        row = await family.sent()
        await records.record_outcome(review(row))
    assert [look.registration_id for look in await due(records, order(), row)] == [row.id]

    other = await family.records.save_program(
        some_program(family.program.org_ref, event_id=f"E{uuid4().hex}")
    )
    unsent = await family.pending(program_id=other.id)
    await records.record_outcome(failure(unsent))
    assert await due(records, order(), unsent) == []


async def test_a_settled_look_is_not_due_again_and_the_last_ends_them(
    records: Records, family: Household
) -> None:
    row = await family.completed(paid())
    (first,) = await due(records, order(AT_ONCE, FAR_OFF), row)
    assert (first.stage, first.last) == (1, False)
    await records.note_look(first)
    await records.note_look(first)
    assert await due(records, order(AT_ONCE, FAR_OFF), row) == []

    (second,) = await due(records, order(AT_ONCE, AT_ONCE), row)
    assert (second.stage, second.last) == (2, True)
    await records.note_look(second)
    assert await due(records, order(AT_ONCE, AT_ONCE, AT_ONCE), row) == []


async def test_one_look_settles_every_delay_that_has_passed(
    records: Records, family: Household
) -> None:
    row = await family.completed(paid())
    (look,) = await due(records, order(AT_ONCE, AT_ONCE, FAR_OFF), row)
    assert (look.stage, look.last) == (2, False)
    await records.note_look(look)
    assert await due(records, order(AT_ONCE, AT_ONCE, FAR_OFF), row) == []


async def test_a_look_that_is_put_off_waits_and_counts_for_nothing(
    records: Records, family: Household
) -> None:
    row = await family.completed(paid())
    (look,) = await due(records, order(), row)
    await records.note_look(look, timedelta(minutes=5))
    assert await due(records, order(), row) == []
    await records.note_look(look, AT_ONCE)
    assert await due(records, order(), row) == [look]


async def test_a_marker_that_changes_asks_for_looks_of_its_own(
    records: Records, family: Household
) -> None:
    row = await family.sent()
    await records.record_outcome(review(row))
    (before,) = await due(records, order(), row)
    await records.close_attempt(row.id, 1, "nothing_found", None)
    await records.note_look(before)

    (after,) = await due(records, order(), row)

    assert after.marked_at is not None
    assert before.marked_at is not None
    assert after.marked_at > before.marked_at
    assert after.since == before.since


async def test_an_account_gives_up_only_so_many_at_a_time_longest_due_first(
    records: Records, family: Household, other_family: Household
) -> None:
    rows = [await family.completed(paid())]
    program = await records.save_program(
        some_program(family.program.org_ref, event_id=f"E{uuid4().hex}")
    )
    again = await family.executing(program_id=program.id)
    await records.open_attempt(again.id, again.scheduled_time, key("attempt"))
    await records.record_outcome(failure(again))
    theirs = await other_family.completed(paid())

    sweep = order(per_account=1)

    assert [look.registration_id for look in await due(records, sweep, *rows, again, theirs)] == [
        rows[0].id,
        theirs.id,
    ]
    assert len(await records.due_looks(order(limit=1))) == 1


async def test_an_account_is_left_in_peace_around_its_openings(
    records: Records, family: Household
) -> None:
    row = await family.completed(paid())
    program = await records.save_program(
        some_program(family.program.org_ref, event_id=f"E{uuid4().hex}")
    )
    soon = datetime.now(UTC) + timedelta(minutes=2)
    await family.pending(program_id=program.id, scheduled_time=soon)

    assert await due(records, order(away_from_openings=timedelta(minutes=3)), row) == []
    assert len(await due(records, order(away_from_openings=timedelta(minutes=1)), row)) == 1


async def test_a_notice_is_matched_by_the_receipt_else_by_our_reference(
    records: Records, family: Household, other_family: Household
) -> None:
    row, theirs = await family.completed(paid()), await other_family.sent()
    number, provider = booking_number(row), row.provider

    async def noticed(number: str | None, reference: str | None) -> UUID | None:
        look = await records.noticed_look(provider, number, reference)
        assert look is None or (look.marked_at, look.stage, look.last) == (None, 0, False)
        return look.registration_id if look else None

    assert await noticed(number, None) == row.id
    assert await noticed(None, external_ref(row.id)) == row.id
    assert await noticed("B-unknown", external_ref(theirs.id)) == theirs.id
    assert await noticed(number, external_ref(theirs.id)) == row.id
    assert await noticed(number, "of another system") == row.id
    assert await noticed("B-unknown", external_ref(uuid4())) is None
    assert await noticed("B-unknown", None) is None
    assert await records.noticed_look("another", number, external_ref(row.id)) is None


async def test_a_look_outside_the_stages_settles_none(records: Records, family: Household) -> None:
    row = await family.completed(paid())
    noticed = await records.noticed_look(row.provider, None, external_ref(row.id))
    assert noticed is not None
    await records.note_look(noticed)
    await records.note_look(noticed, FAR_OFF)
    assert len(await due(records, order(), row)) == 1


async def test_the_recorded_booking_of_a_booked_one_is_never_surplus(
    records: Records, family: Household
) -> None:
    row = await family.completed(paid())
    assert row.booking_number is not None
    standing = ("B-other", row.booking_number)
    with pytest.raises(Conflict):
        await records.note_surplus(
            row.id, Surplus(kept="B-first", standing=standing), key("surplus")
        )


async def test_surplus_is_one_audit_event_an_operation_and_changes_nothing_else(
    records: Records, family: Household
) -> None:
    row = await family.completed(paid())
    surplus = Surplus(recorded="B-1", kept="B-1", standing=("B-3",), cancelled=("B-2",))
    operation = key("surplus")
    for _ in range(2):
        await records.note_surplus(row.id, surplus, operation)

    *_, before, event = await records.audit_trail(row.id)

    assert before.kind is AuditKind.COMPLETED
    assert event.kind is AuditKind.SURPLUS_FOUND
    assert event.detail == {
        "status": "completed",
        "recorded": "B-1",
        "kept": "B-1",
        "standing": ["B-3"],
        "cancelled": ["B-2"],
    }
    assert (await records.verify_audit(row.id)).holds
    after = await records.registration(row.id)
    assert after == row.model_copy(update={"audit_head": event.hash})
    with pytest.raises(RecordMissing):
        await records.note_surplus(uuid4(), surplus, key("surplus"))
    with pytest.raises(Conflict):
        await records.note_surplus((await family.draft()).id, surplus, operation)
