"""Any story at the front door ends as the rules say."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.machine import FrontDoorMachine

STEPS = 16

SLOW_BY_NATURE = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


@pytest.mark.timeout(120)
def test_whatever_a_family_does_it_gets_what_the_rules_say() -> None:
    few = settings(
        max_examples=15,
        stateful_step_count=STEPS,
        suppress_health_check=SLOW_BY_NATURE,
        phases=(Phase.generate,),  # a story that fails is told in full: shortening takes minutes
    )
    run_state_machine_as_test(FrontDoorMachine, settings=few)


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_whatever_many_families_do_they_get_what_the_rules_say() -> None:
    many = settings(
        max_examples=150,
        stateful_step_count=2 * STEPS,
        suppress_health_check=SLOW_BY_NATURE,
        derandomize=False,
        print_blob=True,
    )
    run_state_machine_as_test(FrontDoorMachine, settings=many)
