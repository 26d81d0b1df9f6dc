"""Measurements of one promise each, with what would break it."""

from bench.scenarios.accounts import accounts
from bench.scenarios.clock import clock
from bench.scenarios.deploy import deploy
from bench.scenarios.done import done
from bench.scenarios.kill import kill
from bench.scenarios.pending import pending
from bench.scenarios.scenario import Scenario

SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario for scenario in (kill, deploy, clock, accounts, done, pending)
}

__all__ = ["SCENARIOS", "Scenario"]
