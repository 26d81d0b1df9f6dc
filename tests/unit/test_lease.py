import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from activities.lease import Lease
from domain.attempts import LEASE_TTL, LeaseRenewal
from domain.errors import RecordsUnavailable
from gateways.fakes.records import InMemoryRecords

AHEAD = timedelta(seconds=5)


class Database(InMemoryRecords):
    """Counts what is asked of it, and may be away."""

    def __init__(self) -> None:
        super().__init__()
        self.away = False
        self.breaks: Exception | None = None
        self.renewed = asyncio.Condition()
        self.renewals = 0
        self.ended: list[UUID] = []
        self.wanted: tuple[UUID, ...] = ()

    async def renew_lease(self, lease_id: UUID, ttl: timedelta) -> LeaseRenewal:  # noqa: ARG002
        if self.away:
            raise RecordsUnavailable("away")
        if self.breaks is not None:
            broken, self.breaks = self.breaks, None
            raise broken
        async with self.renewed:
            self.renewals += 1
            self.renewed.notify_all()
        return LeaseRenewal(now=datetime.now(UTC) + AHEAD, holders=2, release_asked=self.wanted)

    async def end_lease(self, lease_id: UUID) -> None:
        self.ended.append(lease_id)

    async def after_renewals(self, count: int) -> None:
        async with asyncio.timeout(5), self.renewed:
            await self.renewed.wait_for(lambda: self.renewals >= count)
        await asyncio.sleep(0)


class Boot:
    """Seconds since boot, as the test says."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def database() -> Database:
    return Database()


async def test_it_is_fresh_only_while_held_and_given_back_afterwards(database: Database) -> None:
    lease = Lease(database, lambda _: None)
    assert not lease.fresh

    async with lease.held():
        assert lease.fresh
        assert lease.holders == 2
    await lease.aclose()

    assert not lease.fresh
    assert database.ended == [lease.id]


async def test_nobody_asks_the_database_while_nothing_is_armed(database: Database) -> None:
    lease = Lease(database, lambda _: None)
    async with lease.held():
        pass
    await lease.aclose()
    asked = database.renewals

    await asyncio.sleep(0.7)

    assert database.renewals == asked


async def test_a_pause_longer_than_its_life_ends_it_until_the_next_renewal(
    database: Database,
) -> None:
    boot = Boot()
    lease = Lease(database, lambda _: None, now=boot)
    async with lease.held():
        boot.seconds += LEASE_TTL.total_seconds()
        assert not lease.fresh

        await lease.until_fresh()

        assert lease.fresh
    await lease.aclose()


async def test_its_life_counts_from_before_the_renewal_was_asked_for(database: Database) -> None:
    boot = Boot()
    slow = database.renew_lease

    async def renew(lease_id: UUID, ttl: timedelta) -> LeaseRenewal:
        boot.seconds += 1.4
        return await slow(lease_id, ttl)

    database.renew_lease = renew  # type: ignore[method-assign]
    lease = Lease(database, lambda _: None, now=boot)
    async with lease.held():
        boot.seconds += 0.2
        assert not lease.fresh
    await lease.aclose()


async def test_without_a_database_there_is_none(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("activities.lease.FIRST_WITHIN", timedelta(milliseconds=50))
    database.away = True
    lease = Lease(database, lambda _: None)

    with pytest.raises(RecordsUnavailable):
        async with lease.held():
            pytest.fail("nothing may be armed without a lease")
    await lease.aclose()


async def test_a_renewal_tells_what_is_wanted_back(database: Database) -> None:
    wanted, heard = uuid4(), list[UUID]()
    database.wanted = (wanted,)
    lease = Lease(database, heard.append)

    async with lease.held():
        await database.after_renewals(1)
    await lease.aclose()

    assert set(heard) == {wanted}


async def test_the_database_clock_is_compared_with_ours(database: Database) -> None:
    lease = Lease(database, lambda _: None)
    async with lease.held():
        pass
    await lease.aclose()

    reading = lease.database_clock.reading
    assert reading.offset is not None
    assert reading.uncertainty is not None
    assert abs(reading.offset - AHEAD) <= reading.uncertainty


async def test_an_error_that_nobody_foresaw_does_not_end_the_renewals(database: Database) -> None:
    lease = Lease(database, lambda _: None)
    async with lease.held():
        database.breaks = ssl.SSLError("bad record")
        renewals = database.renewals
        await database.after_renewals(renewals + 2)
        assert lease.fresh
    await lease.aclose()
