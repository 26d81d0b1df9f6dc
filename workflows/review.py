"""A registration that waits for a person, who looks at the organiser and decides."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from domain.contracts import BookingEnd, BookingResult, ChangeAnswer, Standing
    from domain.identifiers import operation_key
    from domain.refusals import Reason
    from domain.review import ReviewFinding, ReviewOutcome, ReviewRequest
    from workflows import steps
    from workflows.fee import Fee

WAITS_FOR_REVIEW = "waits-for-review"
"""The patch since which a run whose outcome nobody can tell waits for a person's decision."""

NOT_IN_REVIEW = Reason(
    code="not_in_review",
    sentence="This registration does not wait for a decision now. If it still needs review, its "
    "run is about to end: try again in a few minutes.",
)

DECIDED_OTHERWISE = Reason(
    code="decided_otherwise",
    sentence="Somebody has decided this registration otherwise meanwhile. Look at it again.",
)

NO_ANSWER = Reason(
    code="provider_silent",
    sentence="The organiser's system gave no answer, so the decision could not be checked. "
    "Nothing was changed: try again in a few minutes.",
)


Decided = Callable[[Standing, BookingResult], None]


@dataclass
class _Asked:
    request: ReviewRequest
    answer: ChangeAnswer | None = None


class Review:
    """One registration's review. Decisions are checked one after the other; one is taken.

    Args of construction:
        patience: how long a decision is waited for.

    Attributes:
        open: whether a decision is waited for now.
    """

    def __init__(self, registration_id: UUID, fee: Fee, patience: timedelta) -> None:
        self._id = registration_id
        self._fee = fee
        self._patience = patience
        self._waiting: deque[_Asked] = deque()
        self._taken: tuple[ReviewRequest, Standing] | None = None
        self._over = False
        self.open = False

    async def ask(self, request: ReviewRequest) -> ChangeAnswer:
        """The answer to a decision: where the row then stands, or every reason against it."""
        if self._over:
            return self._too_late(request)
        asked = _Asked(request)
        self._waiting.append(asked)
        await workflow.wait_condition(lambda: asked.answer is not None)
        assert asked.answer is not None  # noqa: S101 - the condition says so
        return asked.answer

    async def until_decided(self, moved_on: Decided) -> None:
        """Wait for a decision that holds, as long as the patience lasts.

        A run that is asked to stand down waits no longer: its booking is being cancelled.
        """
        self.open = True
        until = workflow.now() + self._patience
        while self._taken is None and await self._asked_before(until - workflow.now()):
            asked = self._waiting.popleft()
            asked.answer = await self._answer(asked.request, moved_on)
        self.open, self._over = False, True
        for late in self._waiting:
            late.answer = self._too_late(late.request)

    async def _asked_before(self, left: timedelta) -> bool:
        try:
            await workflow.wait_condition(
                lambda: bool(self._waiting) or self._fee.standing_down,
                timeout=max(left, timedelta()),
                timeout_summary="Wait for a person's decision",
            )
        except TimeoutError:
            return False
        return bool(self._waiting)

    async def _answer(self, request: ReviewRequest, moved_on: Decided) -> ChangeAnswer:
        try:
            finding = await steps.check_review(request)
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            return ChangeAnswer(reasons=(NO_ANSWER,))
        if finding.reasons:
            return ChangeAnswer(reasons=finding.reasons)
        answer = await steps.resolve_review(await self._outcome(request, finding))
        if answer.standing is not None:
            self._taken = (request, answer.standing)
            moved_on(answer.standing, _as_decided(finding))
        return answer

    async def _outcome(self, request: ReviewRequest, finding: ReviewFinding) -> ReviewOutcome:
        """What is written; the fee is charged first, only for a booking just fetched back."""
        charge = None
        if finding.booking is not None:
            charge = await self._fee.charge(finding.booking, fence=0)
        return ReviewOutcome(
            registration_id=self._id,
            expected_version=finding.version,
            operation_key=operation_key(self._id, "review", finding.version),
            decision=request.decision,
            by=request.by,
            booking=finding.booking,
            charge=charge,
            another_reference=request.another_reference,
            fee_returned=request.fee_returned,
            failure_code=finding.failure_code,
            message=finding.message,
            shown=finding.shown,
        )

    def _too_late(self, request: ReviewRequest) -> ChangeAnswer:
        if self._taken is None:
            return ChangeAnswer(reasons=(NOT_IN_REVIEW,))
        taken, standing = self._taken
        if taken.same_as(request):
            return ChangeAnswer(standing=standing)
        return ChangeAnswer(reasons=(DECIDED_OTHERWISE,))


def _as_decided(finding: ReviewFinding) -> BookingResult:
    return BookingResult(
        end=BookingEnd.REFUSED if finding.booking is None else BookingEnd.BOOKED,
        fence=0,
        booking=finding.booking,
        failure_code=finding.failure_code,
        message=finding.message,
    )
