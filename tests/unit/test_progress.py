from dataclasses import replace
from datetime import timedelta

import pytest
from temporalio.testing import ActivityEnvironment

from activities.heartbeat import heartbeating
from activities.progress import Progress
from domain.frozen import Frozen
from tests.eventually import eventually

SOON = timedelta(milliseconds=1)


class Done(Frozen):
    steps: int = 0


def _environment(*details: object) -> ActivityEnvironment:
    env = ActivityEnvironment()

    env.info = replace(env.info, heartbeat_details=details)
    return env


@pytest.mark.parametrize(
    ("details", "reached"),
    [
        ([], Done()),
        ([{"steps": 7}], Done(steps=7)),
        ([{"steps": "many"}], Done()),
        ([None], Done()),
    ],
    ids=["the first try", "after a try that told", "another release's", "told nothing"],
)
async def test_a_try_goes_on_where_the_last_one_told(details: list[object], reached: Done) -> None:
    async def work() -> Done:
        return Progress(Done()).reached

    assert await _environment(*details).run(work) == reached


async def test_every_heartbeat_tells_how_far_the_work_is() -> None:
    env, beats = _environment(), list[tuple[object, ...]]()
    env.on_heartbeat = lambda *details: beats.append(details)

    async def work() -> None:
        progress = Progress(Done())
        with heartbeating(SOON, progress.details):
            await eventually(lambda: (Done(),) in beats)
            progress.reached = Done(steps=1)
            await eventually(lambda: (Done(steps=1),) in beats)

    await env.run(work)

    assert set(beats) == {(Done(),), (Done(steps=1),)}
