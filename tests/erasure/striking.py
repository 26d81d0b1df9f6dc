"""A worker that dies the moment a step is done, before anybody is told."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor


class Striking(Interceptor):
    """Ends the run of an account right after the step that is named for it, once."""

    def __init__(self, temporal: Client, steps: Mapping[UUID, str]) -> None:
        self.struck: dict[UUID, str] = {}
        self.steps = steps
        self.temporal = temporal

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - the SDK's word
        return _Striking(next, self)


class _Striking(ActivityInboundInterceptor):
    def __init__(self, next_: ActivityInboundInterceptor, by: Striking) -> None:
        super().__init__(next_)
        self._by = by

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - likewise
        answer = await super().execute_activity(input)
        user_id: UUID | None = getattr(input.args[0], "user_id", None)
        step = self._by.steps.get(user_id) if user_id is not None else None
        if step != activity.info().activity_type or user_id in self._by.struck:
            return answer
        assert user_id is not None
        assert step is not None
        self._by.struck[user_id] = step
        run = self._by.temporal.get_workflow_handle(activity.info().workflow_id or "")
        await run.terminate(reason="the worker dies here")
        raise ApplicationError("nobody hears of it", non_retryable=True)
