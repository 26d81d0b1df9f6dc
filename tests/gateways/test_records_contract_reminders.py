"""What is due to be told at a time: owed once, handed out to one, while it is still so."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from domain.contracts import RescheduleOrder
from domain.errors import RecordRejected
from domain.family import Guardian, Reader
from domain.outbox import ReminderOrder
from domain.registrations import Registration
from gateways.protocols.records import Records
from tests.gateways.households import CARD, GUARDIAN, Household, declined, key, newcomer, paid

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
OPENS = (datetime.now(UTC) + 90 * DAY).replace(hour=14, minute=30, second=0, microsecond=0)
"""In New York it is morning then, summer or winter."""


def due(at: datetime, limit: int = 10_000) -> ReminderOrder:
    return ReminderOrder(due=at, limit=limit)


async def told(records: Records, row: Registration) -> list[tuple[str, str]]:
    """What waits in the outbox for it beside what its transitions owed."""
    return [
        (letter.kind.value, letter.period)
        for letter in await records.unsent(row.id)
        if not letter.period.isdigit()
        or letter.kind.value in ("profile_incomplete", "receipt_follow_up")
    ]


async def test_tomorrow_s_opening_is_owed_once_however_often_it_is_asked(
    records: Records, family: Household
) -> None:
    row = await family.pending(scheduled_time=OPENS)
    order = due(OPENS - 20 * HOUR)

    await records.owe_reminders(order)
    owed_again = await records.owe_reminders(order)
    await records.owe_reminders(due(OPENS - 19 * HOUR))

    assert owed_again == 0
    assert await told(records, row) == [("opening_tomorrow", f"{OPENS:%Y%m%dT%H%M%SZ}")]


@pytest.mark.parametrize("before", [44 * HOUR, 8 * HOUR], ids=["day after tomorrow", "today"])
async def test_an_opening_of_another_day_is_not_owed_yet_or_any_more(
    records: Records, family: Household, before: timedelta
) -> None:
    row = await family.pending(scheduled_time=OPENS)

    await records.owe_reminders(due(OPENS - before))

    assert await told(records, row) == []


async def test_which_day_it_is_is_the_parent_s_to_say(records: Records, family: Household) -> None:
    """Where they live it is tomorrow already, when it is still today where it opens."""
    row = await family.pending(scheduled_time=OPENS)
    order = due(OPENS - 8 * HOUR)
    await records.owe_reminders(order)
    assert await told(records, row) == []

    await records.save_reader(family.user_id, Reader(time_zone="Pacific/Kiritimati"))
    await records.owe_reminders(order)

    assert len(await told(records, row)) == 1


async def test_what_was_told_a_moment_ago_is_not_told_again(
    records: Records, family: Household
) -> None:
    row = await family.pending(scheduled_time=OPENS)
    order = due(OPENS - 20 * HOUR).model_copy(update={"quiet": 100 * DAY})

    await records.owe_reminders(order)

    assert await told(records, row) == []


async def test_a_reminder_of_an_opening_that_moved_is_handed_out_to_nobody(
    records: Records, family: Household
) -> None:
    row = await family.pending(scheduled_time=OPENS)
    await records.owe_reminders(due(OPENS - 20 * HOUR))
    await records.reschedule(
        RescheduleOrder(
            registration_id=row.id,
            expected_version=row.version,
            operation_key=key("reschedule"),
            scheduled_time=OPENS + DAY,
            time_zone=row.time_zone,
        )
    )

    assert await told(records, row) == []
    assert await _handed_out(records, row, "one") == []

    await records.owe_reminders(due(OPENS + 4 * HOUR))
    assert [period for _, period in await told(records, row)] == [f"{OPENS + DAY:%Y%m%dT%H%M%SZ}"]


async def test_a_draft_whose_parent_has_no_card_is_told_so_once(records: Records) -> None:
    family = await newcomer(records)
    await records.save_guardian(family.user_id, GUARDIAN)
    row = await family.draft(scheduled_time=OPENS)
    later = datetime.now(UTC) + 2 * DAY

    for number in range(2):
        await records.owe_reminders(due(later + number * DAY))
    assert await told(records, row) == [("profile_incomplete", "1")]

    await family.save_card(CARD)
    other = await family.draft(scheduled_time=OPENS)
    await records.owe_reminders(due(later))
    assert await told(records, other) == []


@pytest.mark.parametrize("guardian", [None, GUARDIAN], ids=["nobody to write to", "too late"])
async def test_a_draft_that_lapsed_or_has_no_address_is_not_told(
    records: Records, guardian: Guardian | None
) -> None:
    family = await newcomer(records)
    lapses_at = datetime.now(UTC) + (7 * DAY if guardian is None else HOUR)
    if guardian is not None:
        await records.save_guardian(family.user_id, guardian)
    row = await family.draft(scheduled_time=OPENS, lapses_at=lapses_at)

    await records.owe_reminders(due(datetime.now(UTC) + 2 * DAY))

    assert await told(records, row) == []


@pytest.mark.parametrize(
    ("days", "owed"), [(6, []), (7, ["receipt_follow_up"]), (13, ["receipt_follow_up"]), (14, [])]
)
async def test_a_receipt_is_followed_up_after_a_week(
    records: Records, family: Household, days: int, owed: list[str]
) -> None:
    row = await family.completed(paid())

    await records.owe_reminders(due(datetime.now(UTC) + days * DAY + MINUTE))

    assert [kind for kind, _ in await told(records, row)] == owed


@pytest.mark.parametrize(
    ("days", "owed"),
    [
        ((2,), []),
        ((3, 4, 9), ["day-3"]),
        ((3, 10, 24, 29), ["day-3", "day-10", "day-24"]),
        ((12,), ["day-10"]),
        ((31,), []),
    ],
    ids=["not yet", "once", "each", "missed", "too late"],
)
async def test_an_unpaid_fee_is_reminded_of_at_its_days(
    records: Records, family: Household, days: tuple[int, ...], owed: list[str]
) -> None:
    row = await family.completed(declined())
    now = datetime.now(UTC)

    for day in days:
        # What was owed just now was, as of that day, told days ago.
        await records.owe_reminders(due(now + day * DAY + MINUTE))

    assert [period for kind, period in await told(records, row) if kind == "fee_due"] == owed


async def test_a_fee_that_is_settled_is_reminded_of_by_nobody(
    records: Records, family: Household
) -> None:
    row = await family.completed(paid())

    await records.owe_reminders(due(datetime.now(UTC) + 3 * DAY + MINUTE))

    assert await told(records, row) == []


async def test_a_reminder_is_handed_out_to_one_at_a_time_and_tried_by_the_job_once(
    records: Records, family: Household
) -> None:
    row = await family.pending(scheduled_time=OPENS)
    await records.owe_reminders(due(OPENS - 20 * HOUR))

    (first,) = await _handed_out(records, row, "one")
    assert await _handed_out(records, row, "two") == []
    assert await _handed_out(records, row, "one") == [first]

    await records.put_off_letter(first, "one", timedelta())
    assert await _handed_out(records, row, "one") == []


async def _handed_out(records: Records, row: Registration, claimer: str) -> list[UUID]:
    found = await records.reminders_to_send(due(OPENS), claimer)
    return [one.notification.id for one in found if one.notification.registration_id == row.id]


async def test_without_a_nominal_time_nothing_is_owed(records: Records) -> None:
    with pytest.raises(RecordRejected):
        await records.owe_reminders(ReminderOrder())
