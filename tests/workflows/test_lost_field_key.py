"""Nobody has the key of people's fields: what goes on without it, and what waits for it."""

from datetime import timedelta
from typing import Any, NoReturn

import pytest

from domain.contracts import ClaimOrder
from domain.field_errors import FieldKeyUnknown
from domain.states import FeeStatus, RegistrationStatus
from gateways.fakes.records import InMemoryRecords
from tests.eventually import eventually
from tests.workflows.world import World

PREPARED = timedelta(seconds=20)
"""Past the opening the last look has given up by then (`policies.LEAD_PREFLIGHT`)."""

OF_PEOPLE = ("dossier", "profile", "children")
"""What reads who somebody is; with `words`, all of it."""


async def _unknown(*_: Any) -> NoReturn:
    raise FieldKeyUnknown("lost")


def _no_words(_row: object) -> NoReturn:
    raise FieldKeyUnknown("lost")


def lose_key(records: InMemoryRecords) -> None:
    """From now on no program reads a person's fields."""
    for method in OF_PEOPLE:
        setattr(records, method, _unknown)
    setattr(records, "words", _no_words)  # noqa: B010 - the fake's own type forbids it


def give_back(records: InMemoryRecords) -> None:
    for method in (*OF_PEOPLE, "words"):
        delattr(records, method)


async def test_what_is_prepared_is_booked_charged_and_given_back_without_the_key(
    world: World,
) -> None:
    registration_id = await world.scheduled()
    claim = world.records.claim

    async def lost_at_the_claim(order: ClaimOrder) -> object:
        lose_key(world.records)
        return await claim(order)

    setattr(world.records, "claim", lost_at_the_claim)  # noqa: B010 - likewise
    await world.until_opening(registration_id)
    row = await world.row_when(registration_id, lambda r: r.status is RegistrationStatus.COMPLETED)
    assert row.fee_status is FeeStatus.PAID

    shown = await world.door.registrations.get(world.user, registration_id)
    assert (shown.status, shown.summary) == (RegistrationStatus.COMPLETED, None)
    given_back = await world.door.changes.cancel(world.user, registration_id)
    assert (given_back.status, given_back.fee_status) == (
        RegistrationStatus.CANCELLED,
        FeeStatus.REFUNDED,
    )
    assert world.bookings(registration_id) == []
    assert world.subjects() == ["Scheduled"]
    give_back(world.records)
    assert (await world.door.registrations.get(world.user, registration_id)).summary


async def test_a_booking_that_needs_the_key_is_made_once_it_is_there_again(world: World) -> None:
    registration_id = await world.scheduled()
    await eventually(lambda: world.subjects() == ["Scheduled"])
    lose_key(world.records)
    opening = world.records.rows[registration_id].scheduled_time
    await world.until(opening + PREPARED)
    await eventually(lambda: bool(world.records.attempts[registration_id]))
    assert world.provider.sends == []
    give_back(world.records)

    row = await world.ended(registration_id)

    assert (row.status, row.fee_status) == (RegistrationStatus.COMPLETED, FeeStatus.PAID)
    assert len(world.provider.sends) == 1


async def test_nobody_is_drafted_for_or_confirmed_without_the_key_and_nothing_is_lost(
    world: World,
) -> None:
    draft = await world.draft()
    lose_key(world.records)
    for ask in (lambda: world.confirm(draft), world.draft):
        with pytest.raises(FieldKeyUnknown, match="named lost"):
            await ask()
    give_back(world.records)
    assert (await world.confirm(draft)).status is RegistrationStatus.PENDING
