"""One account erased, step by step: whatever breaks off, the next night goes on with it."""

from collections.abc import Awaitable, Callable
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.erasing import Erasing
    from activities.erasure_letters import ErasureLetters
    from activities.forgetting import Forgetting
    from domain.erasures import Erasure, ErasureOrder, ErasureReport
    from workflows.durations import TEN_MINUTES
    from workflows.policies import NOTICE


LOOKS = 15
"""At histories, until none is left. After that, the next night."""

HISTORIES_LEFT = "HistoriesLeft"
"""The type of the failure."""


@workflow.defn(name="erasure")
class ErasureWorkflow:
    """One at a time for each account, which its id says. Every step may be done again."""

    @workflow.run
    async def run(self, order: ErasureOrder) -> ErasureReport:
        """Outside first, while it is known who is meant; the address last of all."""
        look = await workflow.execute_activity_method(
            Erasing.look_at_erasure, order, **TEN_MINUTES.under("What has to end before")
        )
        if look.waits_for:
            in_the_way = ", ".join(one.value for one in look.waits_for)
            workflow.set_current_details(f"### Put off to the next night\n\n- first: {in_the_way}")
            return ErasureReport(waits_for=look.waits_for)
        begun = await workflow.execute_activity_method(
            Erasing.begin_erasure, order, **TEN_MINUTES.under("Begin: from here on no way back")
        )
        steps = _Steps(order, begun)
        await steps.tried("log_erasure", Erasing.log_erasure, "Note it beside the backups")
        await steps.tried(
            "forget_at_organisers", Forgetting.forget_at_organisers, "Have organisers forget them"
        )
        await steps.done(Forgetting.forget_customer, "Delete the customer with the cards")
        await steps.no_histories()
        await steps.done(Erasing.erase_rows, "Erase the rows")
        await steps.tried("tell_erased", ErasureLetters.tell_erased, "Tell the parent")
        await steps.done(Erasing.finish_erasure, "Erase whom to write to")
        await steps.tried("log_erasure", Erasing.log_erasure, "Note that it is done")
        workflow.set_current_details("### Erased")
        return ErasureReport(erased=True, without=tuple(steps.without))


class _Steps:
    """The steps after the beginning."""

    def __init__(self, order: ErasureOrder, begun: Erasure) -> None:
        self.without = list[str]()
        self._order = order
        self._begun = begun

    async def done(self, step: Callable[..., Awaitable[Any]], words: str) -> Any:
        """Nothing comes after it before it is done; what it answers."""
        workflow.set_current_details(f"### {words}")
        return await workflow.execute_activity_method(step, self._order, **TEN_MINUTES.under(words))

    async def no_histories(self) -> None:
        """Temporal deletes behind the call: look until there is none."""
        for _ in range(LOOKS):
            left = await self.done(Forgetting.forget_histories, "Delete histories of workflows")
            if not left:
                return
            await workflow.sleep(
                self._order.look_again, summary="Look again whether Temporal has deleted them"
            )
        raise ApplicationError("Temporal still keeps histories", type=HISTORIES_LEFT)

    async def tried(self, name: str, step: Callable[..., Awaitable[Any]], words: str) -> None:
        """Likewise for some nights; then the rest is done without it."""
        try:
            await self.done(step, words)
        except ActivityError:
            began_at = self._begun.began_at
            if began_at is None or workflow.now() < began_at + self._order.patience:
                raise
            workflow.logger.warning("an account is erased without %s", name)
            self.without.append(name)


@workflow.defn(name="erasure_notice")
class ErasureNoticeWorkflow:
    """Somebody asked to have an account deleted, or to keep it."""

    def __init__(self) -> None:
        self._changed = True

    @workflow.signal(name="changed")
    def changed(self) -> None:
        """It was asked again, or withdrawn: look once more when this look is done."""
        self._changed = True

    @workflow.run
    async def run(self, order: ErasureOrder) -> None:
        """Tell the parent, and note the wish beside the backups, as it stands then."""
        while self._changed:
            self._changed = False
            await workflow.execute_activity_method(
                ErasureLetters.tell_erasure_asked, order, **NOTICE.under("Tell that it was asked")
            )
            await workflow.execute_activity_method(
                Erasing.log_erasure, order, **NOTICE.under("Note it beside the backups")
            )
