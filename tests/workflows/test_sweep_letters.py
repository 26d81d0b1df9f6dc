"""Letters that their registration's own workflow could not deliver."""

from datetime import timedelta
from uuid import UUID

from domain.alerts import AlertKind
from domain.errors import MailUndelivered
from domain.mail import letter_id
from domain.outbox import LetterReport, LetterSweep
from domain.registrations import Notification
from tests.workflows.sweeping import alerts, later, sweep_letters
from tests.workflows.world import World

MINUTE = timedelta(minutes=1)
SILENT = MailUndelivered("the mail server does not answer", permanent=False)
NO_SUCH_BOX = MailUndelivered("no such box", permanent=True)
FOR_EVER = 10_000


async def _undelivered(world: World) -> UUID:
    """A registration whose first letter stayed in the outbox; the mail server is back."""
    world.mail.script.fail_next("send", SILENT, times=FOR_EVER)
    registration_id = await world.scheduled(timedelta(days=5))
    await later(world, 11 * MINUTE)
    world.mail.script.clear()
    return registration_id


async def _unsent(world: World, registration_id: UUID) -> list[Notification]:
    return await world.records.unsent(registration_id)


async def test_a_letter_is_delivered_once_its_own_workflow_has_given_up(world: World) -> None:
    registration_id = await _undelivered(world)
    (waiting,) = await _unsent(world, registration_id)
    assert await sweep_letters(world) == LetterReport()
    await later(world, 2 * MINUTE)

    assert await sweep_letters(world) == LetterReport(sent=1)

    assert world.subjects() == ["Scheduled"]
    assert world.mail.letters[0].message_id == letter_id("scheduled", waiting.registration_id, "1")
    assert await sweep_letters(world) == LetterReport()


async def test_a_letter_that_is_not_taken_comes_again_after_longer_and_longer_pauses(
    world: World,
) -> None:
    await _undelivered(world)
    await later(world, 2 * MINUTE)
    world.mail.script.fail_next("send", SILENT, times=2)

    tried = [await sweep_letters(world)]
    for pause in (4, 1, 14, 1):
        await later(world, pause * MINUTE)
        tried.append(await sweep_letters(world))

    in_vain, nothing = LetterReport(put_off=1), LetterReport()
    assert tried == [in_vain, nothing, in_vain, nothing, LetterReport(sent=1)]


async def test_a_letter_that_is_never_taken_is_given_up_and_told(world: World) -> None:
    registration_id = await _undelivered(world)
    await later(world, 2 * MINUTE)
    world.mail.script.fail_next("send", SILENT, times=2)
    order = LetterSweep(pauses=(MINUTE,))

    assert await sweep_letters(world, order) == LetterReport(put_off=1)
    await later(world, MINUTE)
    assert await sweep_letters(world, order) == LetterReport(refused=1)
    await later(world, timedelta(days=1))

    assert await sweep_letters(world, order) == LetterReport()
    assert await _unsent(world, registration_id) == []
    ((kind, sentence),) = await alerts(world)
    assert kind is AlertKind.LETTER_UNDELIVERED
    assert "a letter (scheduled) did not reach the parent" in sentence


async def test_a_letter_that_is_refused_for_good_is_told_at_once_and_not_sent_again(
    world: World,
) -> None:
    world.mail.script.fail_next("send", NO_SUCH_BOX)
    registration_id = await world.scheduled(timedelta(days=5))
    await later(world, 20 * MINUTE)

    assert await sweep_letters(world) == LetterReport()

    assert world.mail.letters == []
    assert await _unsent(world, registration_id) == []
    ((kind, sentence),) = await alerts(world)
    assert kind is AlertKind.LETTER_UNDELIVERED
    assert "no such address" in sentence
    assert "ann@example.com" not in sentence


async def test_a_mail_server_that_takes_nothing_costs_no_letter_that_was_not_tried(
    world: World,
) -> None:
    world.mail.script.fail_next("send", SILENT, times=FOR_EVER)
    registration_id = await world.scheduled(timedelta(days=5))
    for days in range(6, 10):
        moved = (await world.env.get_current_time()) + timedelta(days=days)
        await world.door.changes.reschedule(world.user, registration_id, moved.isoformat(), None)
    await later(world, 30 * MINUTE)

    assert await sweep_letters(world) == LetterReport(put_off=3)

    world.mail.script.clear()
    await later(world, 7 * MINUTE)
    assert await sweep_letters(world) == LetterReport(sent=5)
    assert world.subjects() == ["Scheduled", "Moved", "Moved", "Moved", "Moved"]
