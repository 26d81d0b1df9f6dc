import asyncio
from collections.abc import Iterator

import pytest

from sandbox.up import Stack
from tests.stack.collector import Collector, collecting
from tests.stack.kills import Kills
from tests.stack.marked_lives import MarkedLives
from tests.stack.openings import Openings
from tests.stack.world import World, at_hand


@pytest.fixture(scope="session")
def collector() -> Iterator[Collector]:
    """Where the stack's programs send their traces."""
    with collecting() as collector, pytest.MonkeyPatch.context() as environment:
        environment.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.address)
        environment.setenv("OTEL_BSP_SCHEDULE_DELAY", "500")
        yield collector


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> Iterator[World]:
    """The whole embedded stack, once for this directory, traced."""
    with Stack(tmp_path_factory.mktemp("stack")) as stack, at_hand(stack) as world:
        assert stack.env["OTEL_EXPORTER_OTLP_ENDPOINT"] == collector.address
        yield world


@pytest.fixture(autouse=True)
def promises_kept(world: World) -> Iterator[None]:
    """No test breaks a promise of either vendor, whatever it does; after it every program lives."""
    before = _broken(world)
    yield
    assert _broken(world) <= before
    assert world.stack.dead() == {}


def _broken(world: World) -> set[str]:
    return {*world.bookeo.invariants().violations, *world.stripe.invariants().violations}


@pytest.fixture(scope="session")
def openings(world: World) -> Openings:
    """Registrations of three families that open at the same time."""
    return asyncio.run(Openings.confirmed(world))


@pytest.fixture(scope="session")
def kills(world: World) -> Kills:
    """Registrations that were at different steps when the worker was killed."""
    return asyncio.run(Kills.of_one_worker(world))


@pytest.fixture(scope="session")
def lives(world: World) -> MarkedLives:
    """A marked family to which everything happened."""
    return asyncio.run(MarkedLives.lived(world))
