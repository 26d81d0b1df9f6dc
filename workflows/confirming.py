"""The first confirm decides; every further one gets its answer."""

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from domain.contracts import ConfirmAnswer, ConfirmRequest
    from domain.refusals import Reason
    from workflows import steps

UNCONFIRMED = Reason(
    code="temporarily_unavailable",
    sentence="The confirm could not be written just now. Nothing was scheduled: try again.",
)


NEVER_ASKED = timedelta(hours=2)
"""Longer than a confirm under way may take."""


class Confirming:
    """One registration's confirm."""

    def __init__(self) -> None:
        self._begun = False
        self.answer: ConfirmAnswer | None = None

    async def ask(self, request: ConfirmRequest) -> ConfirmAnswer:
        """Confirm, or wait for the answer to the confirm under way."""
        if self._begun:
            await workflow.wait_condition(lambda: self.answer is not None)
        else:
            self._begun = True
            try:
                self.answer = await steps.confirm(request)
            except ActivityError:
                self.answer = ConfirmAnswer(reasons=(UNCONFIRMED,))
        assert self.answer is not None  # noqa: S101 - set on both paths
        return self.answer

    async def decided(self) -> ConfirmAnswer:
        """Wait for the first confirm, and until everyone who asked has the answer.

        A run whose confirm never arrives, because its sender died, ends itself as refused.
        """
        try:
            await workflow.wait_condition(
                lambda: self.answer is not None,
                timeout=NEVER_ASKED,
                timeout_summary="Wait for the confirm",
            )
        except TimeoutError:
            self.answer = ConfirmAnswer(reasons=(UNCONFIRMED,))
        await workflow.wait_condition(workflow.all_handlers_finished)
        assert self.answer is not None  # noqa: S101 - the condition says so
        return self.answer
