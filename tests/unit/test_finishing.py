"""When a release may be finished: nobody asks for work but its own workers."""

import pytest

from console.finishing import OlderAtWork, refuse_others
from tests.unit.test_doctor_judgements import MINUTE, asked, queue

OWN, OTHER = "4a7c1f09e2", "99b1"


def test_with_only_its_own_workers_it_may() -> None:
    refuse_others(queue(asked(build=OWN), asked(build=OWN, identity="8@two")), OWN)


def test_with_nobody_at_work_it_may() -> None:
    refuse_others(queue(), OWN)
    refuse_others(queue(asked(3 * MINUTE, build=OTHER)), OWN)


def test_with_a_worker_of_another_build_it_may_not_and_that_one_is_named() -> None:
    working = queue(asked(build=OWN), asked(build=OTHER, identity="8@two"))
    with pytest.raises(OlderAtWork, match=r"than this release's, 4a7c1f09e2.* 99b1 \(8@two\)\."):
        refuse_others(working, OWN)
