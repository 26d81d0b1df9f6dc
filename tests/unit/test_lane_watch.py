import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from activities import lane_watch
from activities.armed_activities import HandedOut
from activities.clock import SystemClock
from activities.lane_watch import REPORTED_AT_ONCE, LaneWatch
from domain.attempts import ArmedBy, Orphan
from domain.errors import RecordsUnavailable, WorkflowsUnreachable
from gateways.fakes.records import InMemoryRecords
from tests.eventually import eventually

MS = timedelta(milliseconds=1)


class Database(InMemoryRecords):
    """Knows of the orphans that were left to it; counts how often it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.left: list[Orphan] = []
        self.away = False
        self.asked = 0

    async def orphans(self) -> tuple[Orphan, ...]:
        self.asked += 1
        if self.away:
            raise RecordsUnavailable("away")
        return tuple(self.left)

    def leave_orphan(self) -> Orphan:
        armed_by = ArmedBy(run_id="run", activity_id="5")
        self.left.append(Orphan(registration_id=uuid4(), fence=1, armed_by=armed_by))
        return self.left[-1]


class Temporal:
    """Has handed out nothing, and hears of deaths; the first `deaf` times it is away."""

    def __init__(self, deaf: int = 0) -> None:
        self.deaf = deaf
        self.reported = asyncio.Queue[UUID]()

    async def handed_out(self, registration_id: UUID) -> HandedOut | None:
        del registration_id

    async def report_death(self, registration_id: UUID, armed_by: ArmedBy) -> None:
        del armed_by
        if self.deaf:
            self.deaf -= 1
            raise WorkflowsUnreachable("away")
        await self.reported.put(registration_id)


class Unhurried(Temporal):
    """Takes in no report before so many were begun."""

    def __init__(self, begun: int) -> None:
        super().__init__()
        self.begun = asyncio.Barrier(begun)

    async def report_death(self, registration_id: UUID, armed_by: ArmedBy) -> None:
        await self.begun.wait()
        await super().report_death(registration_id, armed_by)


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setattr(lane_watch, "EVERY", 5 * MS)
    monkeypatch.setattr(lane_watch, "BEYOND", 100 * MS)
    return Database()


async def test_an_orphan_is_reported_once_however_often_it_is_seen(database: Database) -> None:
    temporal = Temporal()
    watch = LaneWatch(database, temporal, SystemClock())
    watch.until(datetime.now(UTC))
    orphan = database.leave_orphan()

    async with asyncio.timeout(5):
        assert await temporal.reported.get() == orphan.registration_id
    await eventually(lambda: database.asked >= 5)
    await watch.aclose()

    assert temporal.reported.empty()


async def test_a_report_that_did_not_arrive_is_made_again(database: Database) -> None:
    temporal = Temporal(deaf=1)
    watch = LaneWatch(database, temporal, SystemClock())
    orphan = database.leave_orphan()
    watch.until(datetime.now(UTC))
    async with asyncio.timeout(5):
        assert await temporal.reported.get() == orphan.registration_id
    await watch.aclose()


async def test_those_who_died_together_are_reported_side_by_side(database: Database) -> None:
    temporal = Unhurried(REPORTED_AT_ONCE)
    watch = LaneWatch(database, temporal, SystemClock())
    died = {database.leave_orphan().registration_id for _ in range(REPORTED_AT_ONCE)}

    async with asyncio.timeout(5):
        await watch.look()

    assert {temporal.reported.get_nowait() for _ in died} == died


async def test_one_report_that_fails_holds_up_no_other(database: Database) -> None:
    temporal = Temporal(deaf=1)
    watch = LaneWatch(database, temporal, SystemClock())
    _, second = database.leave_orphan(), database.leave_orphan()

    with pytest.raises(WorkflowsUnreachable):
        await watch.look()

    assert temporal.reported.get_nowait() == second.registration_id
    assert temporal.reported.empty()


async def test_the_database_is_asked_only_while_something_is_to_be_sent(
    database: Database,
) -> None:
    watch = LaneWatch(database, Temporal(), SystemClock())
    assert database.asked == 0
    database.away = True
    watch.until(datetime.now(UTC))
    watch.until(datetime.now(UTC) - timedelta(days=1))
    await asyncio.sleep(0.3)
    asked = database.asked
    assert asked > 1

    await asyncio.sleep(0.1)

    assert database.asked == asked
    await watch.aclose()
