import signal
from contextlib import ExitStack

import httpx
import pytest

from sandbox.probe import wait_until
from tests.stack.parent import SECONDS
from tests.stack.world import World

pytestmark = pytest.mark.xdist_group("stack")


def _health(world: World) -> tuple[int, dict[str, object]]:
    answer = httpx.get(f"{world.env['PUBLIC_URL']}/healthz", timeout=SECONDS)
    return answer.status_code, answer.json()


@pytest.mark.parametrize(("program", "named"), [("temporal", "temporal"), ("data_api", "database")])
def test_health_names_what_has_stopped_and_is_well_again_after_it(
    world: World, program: str, named: str
) -> None:
    assert _health(world) == (200, {"status": "ok"})
    with ExitStack() as stopped:
        world.stack.kill(program, signal.SIGSTOP)
        stopped.callback(world.stack.kill, program, signal.SIGCONT)
        assert _health(world) == (503, {"status": "unavailable", "unavailable": [named]})
    assert wait_until(lambda: _health(world) == (200, {"status": "ok"}), SECONDS)


def test_health_is_well_again_after_a_data_api_that_died(world: World) -> None:
    world.stack.kill("data_api")
    assert _health(world) == (503, {"status": "unavailable", "unavailable": ["database"]})
    world.stack.restart("data_api")
    assert wait_until(lambda: _health(world) == (200, {"status": "ok"}), SECONDS)
