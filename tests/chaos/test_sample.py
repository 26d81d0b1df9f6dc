"""A few cells of both matrices, side by side in one world."""

import asyncio
from pathlib import Path

import pytest

from bench.progress import Progress
from tests.chaos import cells, crash, fault_cells, soak
from tests.chaos.cells import Cell, Recovery
from tests.chaos.fault_cells import FaultCell
from tests.chaos.faults import Broken, Said
from tests.chaos.ground import ground, quietly
from tests.chaos.outside import outside
from tests.chaos.soak_plan import SoakPlan
from tests.chaos.wave import Failed, Wave, judged_later

SEED = 11
STRUCK = (
    "workflow:run/before_effect/other_worker",
    "workflow:cancel_booking/after_effect/other_worker",
    "workflow:cancel_registration/after_effect/other_worker",
)
"""Steps whose death is told within seconds."""
AFFLICTED = 6


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Failed], Said]:
    """What is said of those that failed."""
    struck = cells.chosen(list(STRUCK))
    afflicted = fault_cells.sample(AFFLICTED, SEED)
    folder = tmp_path_factory.mktemp("chaos")
    return asyncio.run(_played(folder, struck, afflicted))


async def _played(
    folder: Path, struck: list[Cell], afflicted: list[FaultCell]
) -> tuple[list[Failed], Said]:
    quietly()
    async with (
        ground(folder, Progress(), accounts=len(STRUCK) + AFFLICTED) as there,
        outside(there.world) as out,
    ):
        there.crew.env["SUPABASE_URL"] = out.proxied
        wave, broken = Wave(there, Recovery.OTHER_WORKER, struck), Broken(there, out, rate=4)
        await wave.play(1, meanwhile=broken.play(afflicted))
        assert len(wave.unreached()) < len(struck)
        looks = await judged_later(there, [*wave.cases, *broken.cases])
        return wave.judged(*looks), broken.judged(*looks)


@pytest.mark.timeout(240)
def test_whoever_dies_and_whoever_goes_on_nothing_happens_twice_and_nothing_is_lost(
    few: tuple[list[Failed], Said],
) -> None:
    assert few[0] == []


def test_whatever_breaks_outside_nothing_happens_twice_and_nothing_is_lost(
    few: tuple[list[Failed], Said],
) -> None:
    assert few[1] == {}


@pytest.mark.full
@pytest.mark.timeout(400)
def test_without_its_look_up_a_worker_books_twice_and_the_matrix_turns_red() -> None:
    struck = cells.chosen(["book/after_effect/other_worker"])
    (failed,) = crash.run(struck, blind=True)
    assert any("2 bookings were made" in sentence for sentence in failed.sentences)


@pytest.mark.full
@pytest.mark.timeout(600)
def test_a_minute_in_which_everything_breaks_breaks_no_promise() -> None:
    outcome = asyncio.run(soak.run(SoakPlan.drawn(SEED, 60, 1), rate=1))
    assert outcome.broken == ()
