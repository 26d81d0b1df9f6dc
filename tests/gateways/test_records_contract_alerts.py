from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from domain.alerts import AlertKind, NewAlert
from domain.errors import RecordMissing
from gateways.protocols.records import Records
from tests.gateways.households import Household


def alert(**changes: object) -> NewAlert:
    values: dict[str, object] = {
        "key": f"several_bookings/{uuid4()}",
        "kind": AlertKind.SEVERAL_BOOKINGS,
        "sentence": "Two bookings stand. Cancel one at the organiser.",
    }
    return NewAlert.model_validate({**values, **changes})


async def open_under(records: Records, key: str) -> list[int]:
    return [found.times for found in await records.open_alerts(10_000) if found.key == key]


async def test_an_alert_is_listed_until_it_is_settled(records: Records) -> None:
    wanted = alert()
    raised = await records.raise_alert(wanted)
    assert NewAlert.model_validate(raised.model_dump()) == wanted
    assert await open_under(records, wanted.key) == [1]
    settled = await records.settle_alert(wanted.key)
    assert settled is not None
    assert settled.id == raised.id
    assert settled.settled_at is not None
    assert await open_under(records, wanted.key) == []
    assert await records.settle_alert(wanted.key) is None


async def test_an_alert_of_every_kind_can_be_raised(records: Records) -> None:
    for kind in AlertKind:
        wanted = alert(kind=kind)
        assert (await records.raise_alert(wanted)).kind is kind
        await records.settle_alert(wanted.key)


async def test_a_matter_raised_again_is_counted_and_tells_its_latest_state(
    records: Records,
) -> None:
    wanted = alert()
    first = await records.raise_alert(wanted)
    again = await records.raise_alert(wanted.model_copy(update={"sentence": "Three stand."}))
    assert (again.id, again.times, again.sentence) == (first.id, 2, "Three stand.")
    assert again.last_raised_at > first.last_raised_at
    assert again.raised_at == first.raised_at


async def test_a_settled_matter_that_comes_back_is_a_new_alert(records: Records) -> None:
    wanted = alert()
    first = await records.raise_alert(wanted)
    await records.settle_alert(wanted.key)
    again = await records.raise_alert(wanted)
    assert again.id != first.id
    assert again.times == 1


async def test_a_matter_that_was_settled_since_then_rests(records: Records) -> None:
    wanted, began = alert(), datetime.now(UTC) - timedelta(minutes=1)
    for times in (1, 2):
        raised = await records.raise_alert(wanted, unless_settled_since=began)
        assert raised.times == times
    settled = await records.settle_alert(wanted.key)
    assert await records.raise_alert(wanted, unless_settled_since=began) == settled
    assert await open_under(records, wanted.key) == []
    later = datetime.now(UTC) + timedelta(minutes=1)
    assert (await records.raise_alert(wanted, unless_settled_since=later)).times == 1
    assert await open_under(records, wanted.key) == [1]


async def test_an_alert_belongs_to_a_registration_that_exists(
    records: Records, family: Household
) -> None:
    row = await family.pending()
    assert (await records.raise_alert(alert(registration_id=row.id))).registration_id == row.id
    with pytest.raises(RecordMissing):
        await records.raise_alert(alert(registration_id=uuid4()))


async def test_the_newest_alerts_come_first_and_no_more_than_asked_for(records: Records) -> None:
    keys = [(await records.raise_alert(alert())).key for _ in range(2)]
    listed = [found.key for found in await records.open_alerts(10_000)]
    assert [key for key in listed if key in keys] == keys[::-1]
    assert len(await records.open_alerts(1)) == 1
    assert await records.open_alerts(0) == []
