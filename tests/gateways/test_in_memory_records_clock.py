from datetime import UTC, datetime, timedelta

from gateways.fakes.records import InMemoryRecords
from tests.gateways.households import key, new_household

T0 = datetime(2031, 5, 1, 9, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.reads = T0

    def __call__(self) -> datetime:
        return self.reads


async def test_the_clock_handed_in_dates_everything() -> None:
    clock = Clock()
    records = InMemoryRecords(clock)
    family = await new_household(records)
    row = await family.draft(scheduled_time=T0 + timedelta(hours=1))
    assert row.created_at == T0
    clock.reads = T0 + timedelta(minutes=1)
    await family.confirm(row)
    confirmed = await records.registration(row.id)
    assert confirmed.confirmed_at == T0 + timedelta(minutes=1)
    assert [event.at for event in await records.audit_trail(row.id)] == [T0, clock.reads]
    clock.reads = T0 + timedelta(hours=2)
    claimed = await family.claim(confirmed)
    assert claimed.send_at == clock.reads
    opened = await records.open_attempt(row.id, claimed.send_at, key("attempt"))
    assert opened.marker.opened_at == clock.reads


async def test_a_program_begins_by_the_clock_handed_in() -> None:
    clock = Clock()
    records = InMemoryRecords(clock)
    family = await new_household(records)
    clock.reads = family.program.starts_at - timedelta(seconds=1)
    assert len(await records.find_programs(None, None, 10)) == 1
    clock.reads = family.program.starts_at
    assert await records.find_programs(None, None, 10) == []
