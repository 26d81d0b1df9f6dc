from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from activities.armed_activities import HandedOut
from activities.silent_lanes import SILENT_FOR, SilentLanes
from domain.attempts import ArmedBy
from gateways.fakes.records import InMemoryRecords

HANDED = HandedOut(ArmedBy(run_id="run", activity_id="5"), attempt=1)
AGAIN = HANDED._replace(attempt=2)


class Scene(InMemoryRecords):
    """A registration without a marker, what Temporal says of it, and what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.registration_id = uuid4()
        self.silent = True
        self.handed: HandedOut | None = HANDED
        self.buried: list[UUID] = []
        self.seconds = 0.0
        self.asked = 0
        self.silent_lanes = SilentLanes(self, self, now=lambda: self.seconds)

    async def unmarked(self, since: timedelta, limit: int) -> tuple[UUID, ...]:
        assert since == SILENT_FOR
        assert limit
        self.asked += 1
        return (self.registration_id,) if self.silent else ()

    async def handed_out(self, registration_id: UUID) -> HandedOut | None:
        assert registration_id == self.registration_id
        return self.handed

    async def report_death(self, registration_id: UUID, armed_by: ArmedBy) -> None:
        assert armed_by == HANDED.armed_by
        self.buried.append(registration_id)

    async def look(self) -> list[UUID]:
        """Look when there can be news, and answer what Temporal was told so far."""
        self.seconds += SILENT_FOR.total_seconds()
        await self.silent_lanes.look()
        return self.buried


@pytest.fixture
def scene() -> Scene:
    return Scene()


async def test_an_attempt_without_a_marker_is_given_up_at_the_second_look(scene: Scene) -> None:
    assert await scene.look() == []
    assert await scene.look() == [scene.registration_id]
    scene.handed = None
    assert await scene.look() == [scene.registration_id]


async def test_a_marker_that_came_after_all_is_left_in_peace(scene: Scene) -> None:
    await scene.look()
    scene.silent = False
    assert await scene.look() == []
    scene.silent = True
    assert await scene.look() == []


async def test_what_no_process_was_handed_is_left_to_temporal(scene: Scene) -> None:
    scene.handed = None
    for _ in range(3):
        assert await scene.look() == []


async def test_a_new_attempt_has_its_own_time(scene: Scene) -> None:
    await scene.look()
    scene.handed = AGAIN
    assert await scene.look() == []
    assert await scene.look() == [scene.registration_id]


async def test_nobody_is_asked_before_there_can_be_news(scene: Scene) -> None:
    await scene.look()
    scene.seconds += SILENT_FOR.total_seconds() / 2
    await scene.silent_lanes.look()
    assert scene.asked == 1
