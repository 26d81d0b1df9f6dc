"""Temporal without any workflow."""

from collections import Counter
from collections.abc import Awaitable, Callable
from uuid import UUID

from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from domain.contracts import ChangeAnswer, ConfirmAnswer, ConfirmRequest


class SilentTemporal:
    """Temporal as a client sees it when it is down; `up` makes it well, without any workflow.

    Confirms and cancels are the exception: `confirms` and `cancels` take them in place of a
    workflow, where they are given.
    """

    def __init__(self) -> None:
        self.up = True
        self.started: dict[str, object] = {}
        self.confirms: Callable[[ConfirmRequest], Awaitable[ConfirmAnswer]] | None = None
        self.cancels: Callable[[UUID], Awaitable[ChangeAnswer]] | None = None
        self.asked_to_confirm = Counter[UUID]()
        self.service_client = self

    async def check_health(self, **_: object) -> bool:
        if not self.up:
            raise _unavailable()
        return True

    async def start_workflow(
        self, _run: object, order: object, **options: object
    ) -> "SilentTemporal":
        """Takes each id once, as the real one does for a policy that rejects duplicates.

        One that a signal starts takes further signals.
        """
        if not self.up:
            raise _unavailable()
        workflow_id = str(options["id"])
        if workflow_id in self.started and "start_signal" not in options:
            raise WorkflowAlreadyStartedError(workflow_id, "workflow")
        self.started[workflow_id] = order
        return self

    async def result(self, **_: object) -> None:
        """Nobody works here: whoever waits is not kept waiting."""

    async def execute_update_with_start_workflow(
        self, _update: str, request: ConfirmRequest, **_options: object
    ) -> ConfirmAnswer:
        if self.confirms is None:
            raise _unavailable()
        self.asked_to_confirm[request.registration_id] += 1
        return await self.confirms(request)

    def get_workflow_handle(self, workflow_id: str) -> "_Handle":
        return _Handle(self, workflow_id)


class _Handle:
    """A workflow that is not there."""

    def __init__(self, temporal: SilentTemporal, workflow_id: str) -> None:
        self._temporal = temporal
        self._workflow_id = workflow_id

    async def execute_update(self, update: str, *_: object, **__: object) -> ChangeAnswer:
        cancels = self._temporal.cancels
        if cancels is None or update != "cancel":
            raise _unavailable()
        return await cancels(UUID(self._workflow_id.removeprefix("registration-")))


def _unavailable() -> RPCError:
    return RPCError("down", RPCStatusCode.UNAVAILABLE, b"")
