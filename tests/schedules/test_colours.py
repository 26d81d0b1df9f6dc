"""Blue and green over one schedule: each nominal time once, whoever dies."""

from concurrent.futures import Future
from datetime import timedelta

import pytest

from tests.schedules.colours import Verdict


@pytest.mark.timeout(120)
def test_two_workers_with_clocks_seconds_apart_do_each_nominal_time_once(
    blue_and_green: Future[Verdict],
) -> None:
    """And a run whose worker was killed goes on where it was, in the other one."""
    verdict = blue_and_green.result(timeout=100)

    assert verdict.faults == ()
    assert verdict.workers == {"blue", "green"}
    assert verdict.clocks_apart >= timedelta(seconds=4)
    assert (verdict.killed, verdict.resumed) == (1, 1)
