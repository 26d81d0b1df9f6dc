"""The systems compared, one file each."""

from bench.systems.floor import Floor
from bench.systems.ground import Ground, Measured, Plan, System
from bench.systems.plain_workflow import PlainWorkflow
from bench.systems.polling import Polling
from bench.systems.signupassist import SignupAssist

SYSTEMS: dict[str, System] = {
    system.name: system for system in (Floor(), SignupAssist(), PlainWorkflow(), Polling())
}
"""In the order in which they are measured."""

__all__ = ["SYSTEMS", "Ground", "Measured", "Plan", "System"]
