from threading import Barrier

import pytest

from sandbox.start_order import State, Step, in_order


def _unwatched(_name: str, _state: State, _seconds: float) -> None:
    pass


def test_a_step_waits_for_all_it_needs() -> None:
    done: list[str] = []

    def step(name: str, *needs: str) -> Step:
        return Step(name, needs, lambda: done.append(name))

    in_order([step("c", "a", "b"), step("b", "a"), step("a")], _unwatched)
    assert done == ["a", "b", "c"]


def test_steps_that_do_not_need_each_other_run_at_the_same_time() -> None:
    together = Barrier(3)

    def meet() -> None:
        together.wait(10)

    in_order([Step(str(number), (), meet) for number in range(3)], _unwatched)
    assert not together.broken


def test_after_a_failure_nothing_that_needs_it_begins_and_it_is_raised() -> None:
    done: list[str] = []
    seen: list[tuple[str, State]] = []

    def fail() -> None:
        raise RuntimeError("no")

    steps = [Step("a", (), fail), Step("b", ("a",), lambda: done.append("b"))]
    with pytest.raises(RuntimeError, match="no"):
        in_order(steps, lambda name, state, _: seen.append((name, state)))
    assert done == []
    assert ("a", "failed") in seen


def test_a_need_that_nobody_here_serves_is_taken_as_served_elsewhere() -> None:
    done: list[str] = []
    in_order([Step("a", ("elsewhere",), lambda: done.append("a"))], _unwatched)
    assert done == ["a"]
