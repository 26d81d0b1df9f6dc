"""Letters that are tried again: claimed, put off, refused."""

from datetime import timedelta
from uuid import UUID

import pytest

from domain.errors import RecordMissing
from domain.mail import letter_id
from domain.outbox import LetterSweep, Refusal, Undelivered
from domain.registrations import Registration
from gateways.protocols.records import Records
from tests.gateways.households import Household, failure, paid

NOBODY = UUID(int=0)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ALL = LetterSweep(first_after=timedelta(), limit=10_000)


async def due(
    records: Records, row: Registration, claimer: str, sweep: LetterSweep = ALL
) -> list[Undelivered]:
    """Those of that registration."""
    found = await records.undelivered_letters(sweep, claimer)
    return [one for one in found if one.notification.registration_id == row.id]


async def test_a_letter_is_handed_out_to_one_at_a_time_who_may_have_it_again(
    records: Records, family: Household
) -> None:
    row = await family.pending()

    (first,) = await due(records, row, "one")

    assert (first.notification.kind.value, first.code, first.tries) == ("scheduled", row.code, 0)
    assert await due(records, row, "two") == []
    assert await records.unsent(row.id, "three", MINUTE) == []
    assert await due(records, row, "one") == [first]
    assert await records.unsent(row.id) == [first.notification]


async def test_what_a_registration_s_own_workflow_is_at_is_left_to_it(
    records: Records, family: Household
) -> None:
    row = await family.completed(paid())

    mine = await records.unsent(row.id, "own", MINUTE)

    assert [letter.kind.value for letter in mine] == ["scheduled", "booked"]
    assert await due(records, row, "sweep") == []
    assert await records.unsent(row.id, "own", MINUTE) == mine


async def test_a_claim_runs_out(records: Records, family: Household) -> None:
    row = await family.pending()
    at_once = ALL.model_copy(update={"claimed_for": timedelta()})

    assert len(await due(records, row, "one", at_once)) == 1

    assert len(await due(records, row, "two")) == 1


async def test_a_try_in_vain_is_counted_once_and_the_next_comes_after_its_pause(
    records: Records, family: Household, other_family: Household
) -> None:
    row, other = await family.pending(), await other_family.pending()
    (first,), (second,) = await due(records, row, "one"), await due(records, other, "one")

    for _ in range(2):
        await records.put_off_letter(first.notification.id, "one", HOUR)
        await records.put_off_letter(second.notification.id, "one", timedelta())

    assert await due(records, row, "two") == []
    (again,) = await due(records, other, "two")
    assert again.tries == 1


async def test_a_letter_that_is_refused_is_waiting_no_more(
    records: Records, family: Household
) -> None:
    row = await family.pending()
    (letter,) = await due(records, row, "one")

    for because in (Refusal.REFUSED, Refusal.GIVEN_UP):
        await records.refuse_letter(letter.notification.id, because)

    assert await due(records, row, "one") == []
    assert await records.unsent(row.id) == []


async def test_a_letter_that_went_out_is_not_tried_again(
    records: Records, family: Household
) -> None:
    row = await family.pending()
    (letter,) = await due(records, row, "one")

    await records.mark_sent(letter.notification.id)

    assert await due(records, row, "one") == []


async def test_a_fresh_letter_and_one_that_is_worth_nothing_any_more_are_left(
    records: Records, family: Household
) -> None:
    row = await family.pending()

    for left in ({"first_after": HOUR}, {"worth": timedelta()}):
        assert await due(records, row, "one", ALL.model_copy(update=left)) == []


async def test_what_was_to_be_told_ahead_is_not_when_it_is_over(
    records: Records, family: Household
) -> None:
    row = await family.pending()
    await records.record_outcome(failure(row))

    found = await due(records, row, "one")

    assert [one.notification.kind.value for one in found] == ["not_booked"]


async def test_a_letter_that_came_back_is_known_by_its_message_id(
    records: Records, family: Household
) -> None:
    row = await family.pending()
    came_back = letter_id("scheduled", row.id, "1")

    for _ in range(2):
        found = await records.note_bounce(came_back)

        assert found is not None
        assert (found.code, found.notification.kind.value) == (row.code, "scheduled")
    assert await records.unsent(row.id) == []
    for unknown in (letter_id("scheduled", row.id, "2"), "<1@elsewhere>", "", "<booked.x.1@y>"):
        assert await records.note_bounce(unknown) is None


@pytest.mark.parametrize("call", ["put_off_letter", "refuse_letter"])
async def test_a_letter_that_is_not_there_is_missing(records: Records, call: str) -> None:
    arguments = {"put_off_letter": ("one", MINUTE), "refuse_letter": (Refusal.REFUSED,)}[call]

    with pytest.raises(RecordMissing):
        await getattr(records, call)(NOBODY, *arguments)
