"""Places inside the SDK: around an activity's body, and around what a workflow decides."""

from collections import defaultdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from temporalio import workflow
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    ExecuteWorkflowInput,
    HandleUpdateInput,
    Interceptor,
    StartActivityInput,
    StartLocalActivityInput,
    Worker,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)
from temporalio.workflow import ActivityHandle

from tests.chaos.steps import BODY, WORKFLOW
from tests.chaos.trap_plan import Point
from tests.chaos.traps import Traps, registration_of

NOTICED_AFTER = timedelta(seconds=10)
"""So long Temporal waits here for an attempt whose worker was killed. In the service it is up to a
minute, by the policy of the step; here hundreds wait for it. Shorter than a worker is paused, so
that the one that wakes always meets another's attempt."""


class Decisions:
    """What the workflow tasks under way have decided, by run, until Temporal is told."""

    def __init__(self, traps: Traps) -> None:
        self._traps = traps
        self._untold: defaultdict[str, list[tuple[UUID, str]]] = defaultdict(list)

    def reached(self, step: str, point: Point) -> None:
        """A place in a workflow task. Of a replay there is none: it only remembers."""
        if workflow.unsafe.is_replaying():
            return
        info = workflow.info()
        registration = registration_of(info.workflow_id)
        if registration is None:
            return
        with workflow.unsafe.sandbox_unrestricted():
            if point is Point.BEFORE_EFFECT:
                self._untold[info.run_id].append((registration, step))
            self._traps.reached(registration, step, point)

    def telling(self, run_id: str) -> None:
        """The task is worked out, and the server knows nothing of it."""
        for registration, step in self._untold.pop(run_id, ()):
            self._traps.reached(registration, step, Point.AFTER_EFFECT)


class TrappedInterceptor(Interceptor):
    """Of a worker under test."""

    def __init__(self, traps: Traps) -> None:
        self._traps = traps
        self.decisions = Decisions(traps)

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - the SDK's word
        return _Activity(next, self._traps)

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002, ARG002 - the SDK's word
    ) -> type[WorkflowInboundInterceptor]:
        decisions = self.decisions

        class Inbound(_Workflow):
            def __init__(self, next: WorkflowInboundInterceptor) -> None:  # noqa: A002 - likewise
                super().__init__(next)
                self.decisions = decisions

        return Inbound


class _Activity(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, traps: Traps) -> None:  # noqa: A002 - likewise
        super().__init__(next)
        self._traps = traps

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - likewise
        self._traps.reached_in_activity(Point.BEFORE_EFFECT, BODY)
        answer = await super().execute_activity(input)
        self._traps.reached_in_activity(Point.AFTER_EFFECT, BODY)
        self._traps.reached_in_activity(Point.AFTER_ANSWER)
        return answer


class _Workflow(WorkflowInboundInterceptor):
    decisions: Decisions

    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_Commands(outbound, self.decisions))

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002 - likewise
        self.decisions.reached(f"{WORKFLOW}run", Point.BEFORE_EFFECT)
        result = await super().execute_workflow(input)
        self.decisions.reached(f"{WORKFLOW}run", Point.AFTER_ANSWER)
        return result

    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:  # noqa: A002 - likewise
        step = f"{WORKFLOW}update-{input.update}"
        self.decisions.reached(step, Point.BEFORE_EFFECT)
        answer = await super().handle_update_handler(input)
        self.decisions.reached(step, Point.AFTER_ANSWER)
        return answer


class _Commands(WorkflowOutboundInterceptor):
    def __init__(self, next: WorkflowOutboundInterceptor, decisions: Decisions) -> None:  # noqa: A002 - likewise
        super().__init__(next)
        self._decisions = decisions

    def start_activity(self, input: StartActivityInput) -> ActivityHandle[Any]:  # noqa: A002 - likewise
        _hurry(input)
        return self._begun(input.activity, super().start_activity, input)

    def start_local_activity(self, input: StartLocalActivityInput) -> ActivityHandle[Any]:  # noqa: A002 - likewise
        return self._begun(input.activity, super().start_local_activity, input)

    def _begun(self, name: str, begin: Any, given: Any) -> ActivityHandle[Any]:
        step = f"{WORKFLOW}{name}"
        self._decisions.reached(step, Point.BEFORE_EFFECT)
        handle: ActivityHandle[Any] = begin(given)
        handle.add_done_callback(lambda _: self._decisions.reached(step, Point.AFTER_ANSWER))
        return handle


def _hurry(input: StartActivityInput) -> None:  # noqa: A002 - the SDK's word
    """One that beats may last as long as it must: what is waited for are its beats."""
    if not input.heartbeat_timeout and input.start_to_close_timeout:
        input.start_to_close_timeout = min(input.start_to_close_timeout, NOTICED_AFTER)


class _ToldBridge:
    """The way of the worker's answers to Temporal."""

    def __init__(self, bridge: Any, decisions: Decisions) -> None:
        self._bridge = bridge
        self._decisions = decisions

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bridge, name)

    async def complete_workflow_activation(self, completion: WorkflowActivationCompletion) -> None:
        self._decisions.telling(completion.run_id)
        await self._bridge.complete_workflow_activation(completion)


def trap_decisions(worker: Worker, decisions: Decisions) -> None:
    """Have the worker's decisions pass a place before they leave."""
    inner: Any = worker
    inner._bridge_worker = _ToldBridge(inner._bridge_worker, decisions)
