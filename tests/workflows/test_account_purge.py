"""From the wish to be deleted to the last letter, and what comes in between."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from temporalio.testing import WorkflowEnvironment

from domain.alerts import AlertKind
from domain.erasures import ERASED_WORDS, ErasureLetter
from domain.errors import MailUndelivered, PaymentUnavailable
from domain.job_orders import EntityReport
from domain.refusals import Refused
from domain.states import RegistrationStatus
from tests.backups import Vault, vault
from tests.eventually import eventually
from tests.workflows.purging import FakeHistories, night
from tests.workflows.sweeping import alerts
from tests.workflows.unpaid import booked_but_unpaid
from tests.workflows.world import World, build_world
from workflows.entities import entity_id

DAY = timedelta(days=1)
MONTH = 30 * DAY
MINUTE = timedelta(minutes=1)
SILENT = MailUndelivered("the mail server does not answer", permanent=False)
DONE, FAILED, NOBODY = EntityReport(done=1), EntityReport(failed=1), EntityReport()


@pytest.fixture
def kept(tmp_path: Path) -> Vault:
    return vault(tmp_path)


@pytest.fixture
async def world(
    env: WorkflowEnvironment, kept: Vault, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[World]:
    monkeypatch.setattr("served.Histories", FakeHistories)
    world = await build_world(env)
    async with world.served(backups=kept.archive):
        yield world


async def asked(world: World) -> None:
    """The parent wishes to be deleted, and the letter about it is there."""
    await world.door.deletions.request(world.user)
    await eventually(lambda: "Your account will be deleted" in world.subjects())


async def later(world: World, by: timedelta) -> None:
    await world.until(await world.env.get_current_time() + by)


def erased(world: World) -> bool:
    wish = world.records.erasures[world.user]
    gone = world.records.profiles[world.user].guardian is None and not world.records.identities
    return gone and wish.erased_at is not None


def codes(refused: Refused) -> list[str]:
    return [reason.code for reason in refused.reasons]


async def test_a_wish_is_told_at_once_and_carried_out_a_month_later(
    world: World, kept: Vault
) -> None:
    registration_id = await world.scheduled(2 * DAY)
    answer = await world.door.deletions.request(world.user)
    again = await world.door.deletions.request(world.user)
    assert answer == again
    assert answer.deleted_after - answer.asked_at == MONTH
    assert (answer.kept, len(answer.still_booked), answer.still_booked) == (
        False,
        1,
        answer.waits_for,
    )
    row = await world.ended(registration_id)
    assert row.status is RegistrationStatus.COMPLETED
    await later(world, 28 * DAY - timedelta(hours=1))
    assert await night(world) == NOBODY

    await later(world, timedelta(hours=2))
    assert await night(world) == DONE

    assert erased(world)
    told, last = world.subjects()[:-1], world.subjects()[-1]
    assert sorted(told) == ["Booked", "Scheduled", "Your account will be deleted"]
    assert last == "Your account is deleted"
    assert world.records.words(world.records.rows[registration_id]) == ERASED_WORDS
    assert len(world.payments.taken(registration_id)) == 1
    assert await night(world) == NOBODY
    (logged,) = await kept.archive.logged_erasures()
    assert logged == world.records.erasures[world.user]


async def test_who_thinks_again_keeps_everything(world: World, kept: Vault) -> None:
    with pytest.raises(Refused) as refused:
        await world.door.deletions.cancel(world.user)
    assert codes(refused.value) == ["no_deletion_asked"]
    await asked(world)
    draft_refused = await _refused_draft(world)

    answer = await world.door.deletions.cancel(world.user)

    assert answer.kept
    assert draft_refused == ["deletion_asked"]
    await world.scheduled(2 * DAY)
    await later(world, 31 * DAY)
    assert await night(world) == NOBODY
    assert world.records.profiles[world.user].guardian is not None
    logged = {one.withdrawn_at for one in await kept.archive.logged_erasures()}
    assert None not in logged


async def _refused_draft(world: World) -> list[str]:
    with pytest.raises(Refused) as refused:
        await world.draft(2 * DAY)
    return codes(refused.value)


async def test_a_registration_that_opens_later_would_be_lost_and_so_the_wish_is_refused(
    world: World,
) -> None:
    registration_id = await world.scheduled(40 * DAY)
    row = await world.records.registration(registration_id)

    with pytest.raises(Refused) as refused:
        await world.door.deletions.request(world.user)

    (reason,) = refused.value.reasons
    assert reason.code == "opens_after_deletion"
    assert row.code in reason.sentence
    assert world.records.erasures == {}
    await world.door.changes.cancel(world.user, registration_id)
    await world.door.deletions.request(world.user)


async def test_nothing_is_moved_past_the_day_of_the_deletion(world: World) -> None:
    registration_id = await world.scheduled(2 * DAY)
    await asked(world)
    too_late = (await world.env.get_current_time()) + 31 * DAY
    in_time = (await world.env.get_current_time()) + 29 * DAY

    with pytest.raises(Refused) as refused:
        await world.door.changes.reschedule(world.user, registration_id, too_late.isoformat(), None)
    moved = await world.door.changes.reschedule(
        world.user, registration_id, in_time.isoformat(), None
    )

    assert codes(refused.value) == ["deletion_asked"]
    assert moved.scheduled_time == in_time


async def test_a_letter_that_is_never_taken_holds_the_erasure_up_for_three_nights_and_no_longer(
    world: World,
) -> None:
    await asked(world)
    await later(world, MONTH + MINUTE)
    world.mail.script.fail_next("send", SILENT, times=10_000)

    nights = list[EntityReport]()
    for _ in range(5):
        nights.append(await night(world))
        await later(world, DAY)

    assert nights == [FAILED, FAILED, FAILED, DONE, NOBODY]
    assert erased(world)
    run = world.client.get_workflow_handle(entity_id("erasure", world.user))
    assert (await run.result())["without"] == ["tell_erased"]
    assert world.records.erasures[world.user].erased_told_at is None


async def test_an_account_that_cannot_be_erased_holds_up_no_other(world: World) -> None:
    await asked(world)
    other = await _another(world)
    await later(world, MONTH + MINUTE)
    world.payments.script.fail_next("delete_customer", PaymentUnavailable("down"), times=10_000)

    assert await night(world) == EntityReport(done=1, failed=1)

    assert world.records.erasures[other].erased_at is not None
    assert world.records.erasures[world.user].began_at is not None
    assert not erased(world)
    world.payments.script.clear()
    await later(world, DAY)
    assert await night(world) == DONE
    assert erased(world)


async def _another(world: World) -> UUID:
    """Somebody who has no card, and so nothing to delete at the payment service."""
    other = await world.records.user_for("https://issuer.test/", "local|bea")
    await world.door.deletions.request(other)
    await eventually(lambda: world.records.erasures[other].asked_told_at is not None)
    return other


async def test_an_account_waits_while_a_fee_is_waited_for_and_an_operator_is_told(
    world: World,
) -> None:
    _, row = await booked_but_unpaid(world)
    await world.records.ask_erasure(world.user, timedelta())
    await later(world, MINUTE)

    assert await night(world) == DONE

    assert world.records.erasures[world.user].began_at is None
    ((kind, sentence),) = await alerts(world)
    assert kind is AlertKind.ERASURE_WAITS
    assert f"{row.code} (fee_due)" in sentence


async def test_a_letter_goes_out_once_however_often_it_is_asked_for(world: World) -> None:
    await asked(world)
    for _ in range(3):
        await world.door.deletions.request(world.user)
    await later(world, DAY)
    assert world.subjects().count("Your account will be deleted") == 1
    wish = world.records.erasures[world.user]
    assert world.mail.letters[0].message_id == wish.message_id(ErasureLetter.ASKED)
