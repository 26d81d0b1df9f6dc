from pathlib import Path
from uuid import uuid4

from tests.chaos.trap_plan import Blow, Point, Trap, TrapPlan


def test_a_trap_closes_once_and_for_its_place_alone(tmp_path: Path) -> None:
    plan, registration = TrapPlan(tmp_path / "traps"), uuid4()
    plan.set([Trap(registration, "book:send", Point.AFTER_EFFECT, Blow.KILL_PART)])
    here = (registration, "book:send", Point.AFTER_EFFECT)
    assert plan.claim(uuid4(), *here[1:], 1) is None
    assert plan.claim(*here[:2], Point.BEFORE_EFFECT, 1) is None
    assert plan.sprung() == []
    # Another process finds what this one wrote.
    assert TrapPlan(tmp_path / "traps").claim(*here, 2) is Blow.KILL_PART
    assert plan.claim(*here, 3) is None
    (sprung,) = plan.sprung()
    assert (*sprung[:3], sprung.pid) == (*here, 2)
