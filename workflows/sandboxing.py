"""The sandbox that keeps workflow code deterministic, and what may pass through it."""

from temporalio.worker.workflow_sandbox import (
    SandboxedWorkflowRunner,
    SandboxRestrictions,
)

PASSED_THROUGH = (
    "pydantic",
    "pydantic_core",
    "domain",
    "gateways",
    "activities",
    "annotated_types",
)
"""Types and constants only: importing them twice would make two of each class."""


def workflow_runner() -> SandboxedWorkflowRunner:
    """The runner that worker and replayer share."""
    return SandboxedWorkflowRunner(
        restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH)
    )
