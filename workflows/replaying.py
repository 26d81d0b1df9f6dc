"""What replays histories: every workflow, in the worker's own sandbox."""

from temporalio.converter import DataConverter
from temporalio.runtime import Runtime
from temporalio.worker import Replayer, WorkflowRunner

from workflows.registered import EVERY
from workflows.sandboxing import workflow_runner

NO_BUILD = "replay"
"""It serves nobody, so what it is of is nobody's to know; the SDK would reckon for a second."""


def replayer(
    converter: DataConverter,
    *,
    runtime: Runtime | None = None,
    runner: WorkflowRunner | None = None,
) -> Replayer:
    """One that judges a history as a worker of this code would.

    A worker's interceptors are about activities alone (`served`), so none is needed here.

    Args:
        converter: of the client that the history is from.
        runtime: what the SDK runs in; None for its default.
        runner: another than the worker's sandbox, for workflows that a test has changed.
    """
    return Replayer(
        workflows=EVERY,
        data_converter=converter,
        workflow_runner=runner or workflow_runner(),
        build_id=NO_BUILD,
        runtime=runtime,
    )
