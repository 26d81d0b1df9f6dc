import pytest

from tests.chaos import cells, fault_cells
from tests.chaos.cast import STORIES
from tests.chaos.cells import Recovery, UnknownCell
from tests.chaos.knobs import knobs
from tests.chaos.soak_plan import SoakPlan
from tests.chaos.steps import EFFECTS, activities, updates, workflow_steps
from tests.chaos.trap_plan import Point


def test_every_step_is_struck_at_every_point_and_recovered_in_every_way() -> None:
    found = {(cell.step, cell.point, cell.recovery) for cell in cells.every_cell()}
    for step in (*activities(), *workflow_steps()):
        for point in Point:
            for recovery in Recovery:
                assert (step, point, recovery) in found


def test_what_is_said_of_a_step_is_said_of_one_that_exists() -> None:
    known = {*activities(), *updates()}
    assert set(EFFECTS) <= known
    assert set(STORIES) <= known


def test_a_cell_is_found_by_its_name_alone() -> None:
    for cell in cells.every_cell():
        assert cells.chosen([cell.name]) == [cell]
    with pytest.raises(UnknownCell, match="no cell 'lunch/"):
        cells.chosen(["lunch/before_effect/same_worker"])


def test_every_two_knobs_that_can_tell_on_each_other_are_a_cell() -> None:
    names = [cell.name for cell in fault_cells.every_cell()]
    assert len(names) == len(set(names))
    assert {knob.name for knob in knobs()} <= set(names)
    for pair in ("bookeo.drop_after+stripe.hang", "bookeo.hang+bookeo_reads.drop_before"):
        assert pair in names
    assert [cell.name for cell in fault_cells.chosen(["smtp.hang+bookeo.hang"])] == [
        "smtp.hang+bookeo.hang"
    ]
    with pytest.raises(UnknownCell, match="no knob 'bookeo"):
        fault_cells.chosen(["bookeo.lunch"])


def test_a_seed_draws_the_same_cells_and_the_same_plan_again() -> None:
    assert cells.sample(5, 3) == cells.sample(5, 3) != cells.sample(5, 4)
    assert fault_cells.sample(5, 3) == fault_cells.sample(5, 3) != fault_cells.sample(5, 4)
    plan, again = (SoakPlan.drawn(7, 300, 2) for _ in range(2))
    assert plan.strikes == again.strikes
    assert _told(plan) == _told(again) != _told(SoakPlan.drawn(8, 300, 2))
    assert len(plan.registrations) == 600


def _told(plan: SoakPlan) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.story.name, tuple(k.name for k in one.knobs)) for one in plan.registrations]
