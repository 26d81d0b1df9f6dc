"""The notification job: what is due is told once, whatever runs twice or is cut off."""

from datetime import timedelta
from uuid import UUID

import pytest

from domain.errors import MailUndelivered, RecordsUnavailable
from domain.outbox import LetterReport, ReminderReport
from tests.workflows.sweeping import later, remind, sweep_letters
from tests.workflows.world import World, card

SILENT = MailUndelivered("the mail server does not answer", permanent=False)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FOR_EVER = 10_000


async def _a_day_before(world: World) -> None:
    """One that opens in five days, its letters sent; then the morning before."""
    await world.scheduled(5 * DAY)
    await later(world, 4 * DAY)


async def test_tomorrow_s_opening_is_told_once(world: World) -> None:
    await _a_day_before(world)

    assert await remind(world) == ReminderReport(owed=1, letters=LetterReport(sent=1))
    assert await remind(world) == ReminderReport()

    assert world.subjects() == ["Scheduled", "Opens tomorrow"]


async def test_a_draft_without_a_card_is_told_where_to_save_one(world: World) -> None:
    world.records.profiles[world.user] = world.records.profiles[world.user].model_copy(
        update={"card": None}
    )
    await world.draft(5 * DAY)
    await later(world, DAY)

    assert (await remind(world)).letters == LetterReport(sent=1)

    (letter,) = world.mail.letters
    assert letter.subject.startswith("One thing is missing")
    assert "Please save a card on this page:\nhttp" in letter.text


async def test_a_card_that_was_saved_and_not_looked_for_is_not_asked_for(world: World) -> None:
    world.records.profiles[world.user] = world.records.profiles[world.user].model_copy(
        update={"card": None}
    )
    await world.draft(5 * DAY)
    setup = await world.door.cards.start_setup(world.user)
    world.payments.complete_setup(setup.session_id, card())
    await later(world, DAY)

    assert (await remind(world)).owed == 1

    assert world.mail.letters == []
    assert await remind(world) == ReminderReport()


async def test_what_the_mail_server_does_not_take_is_left_to_the_sweep(world: World) -> None:
    await _a_day_before(world)
    world.mail.script.fail_next("send", SILENT, times=FOR_EVER)

    assert await remind(world) == ReminderReport(owed=1, letters=LetterReport(put_off=1))
    assert await remind(world) == ReminderReport()

    world.mail.script.clear()
    await later(world, HOUR)
    assert await sweep_letters(world) == LetterReport(sent=1)
    assert world.subjects() == ["Scheduled", "Opens tomorrow"]


async def test_one_whose_mark_was_lost_goes_out_again_as_the_same_letter(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _a_day_before(world)
    _lose_a_mark(world, monkeypatch)

    assert (await remind(world)).letters == LetterReport(sent=1)

    first, again = world.mail.letters[-2:]
    assert first == again
    assert await remind(world) == ReminderReport()


def _lose_a_mark(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when a worker dies between the mail server's answer and the mark."""
    mark, lost = world.records.mark_sent, iter([True])

    async def mark_sent(notification_id: UUID) -> None:
        if next(lost, False):
            raise RecordsUnavailable("away")
        await mark(notification_id)

    monkeypatch.setattr(world.records, "mark_sent", mark_sent)
