"""A payment that failed: warnings on their days, and the free plan at the end of the grace.

One run an invoice. Whatever happens to it elsewhere, a signal makes the run look: it goes by what
Stripe says then, and by nothing that it was told.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from activities.payment_recovery import PaymentRecoveries
    from domain.payment_recovery import (
        Ending,
        LetterKind,
        LetterOrder,
        RecoveryLook,
        RecoveryOrder,
        Reminder,
    )
    from workflows import policies, queues


@workflow.defn(name="payment_recovery")
class PaymentRecoveryWorkflow:
    """Ends as soon as there is nothing to recover any more."""

    @workflow.init
    def __init__(self, order: RecoveryOrder) -> None:
        self._order = order
        self._changed = False

    @workflow.run
    async def run(self, _order: RecoveryOrder) -> Ending:
        """Warn at once and on the days agreed, then downgrade."""
        look = await self._look()
        if look.ending is not None:
            return look.ending
        assert look.grace_ends_at is not None  # noqa: S101 - a look says the one or the other
        over_at = look.grace_ends_at
        if workflow.now() < over_at:
            await self._write(LetterKind.PAYMENT_FAILED_IMMEDIATE)
        warned_at = workflow.now()
        for reminder, due, next_due in self._reminders(over_at):
            # One whose day had come before anybody was warned would only repeat the first letter.
            if due <= warned_at:
                continue
            ending = await self._settled_before(due, f"Until {reminder.letter.value}")
            if ending is not None:
                return ending
            # After an outage over its day, the next letter says all that it would.
            if workflow.now() < next_due:
                await self._write(reminder.letter)
        ending = await self._settled_before(over_at, "Until the end of the grace")
        return ending or await self._end_grace()

    @workflow.signal(name="look")
    def look(self) -> None:
        """Something may have changed."""
        self._changed = True

    def _reminders(self, over_at: datetime) -> Iterator[tuple[Reminder, datetime, datetime]]:
        """Each with its instant, and that of what follows it."""
        reminders = self._order.timing.reminders
        instants = [over_at - reminder.before_end for reminder in reminders]
        return zip(reminders, instants, [*instants[1:], over_at], strict=True)

    async def _settled_before(self, instant: datetime, words: str) -> Ending | None:
        """How it ended before that instant; None where it is still owed then."""
        while True:
            reached = not await self._changed_before(instant, words)
            self._changed = False
            look = await self._look()
            if look.ending is not None:
                return look.ending
            if reached:
                return None

    async def _changed_before(self, instant: datetime, words: str) -> bool:
        try:
            await workflow.wait_condition(
                lambda: self._changed,
                timeout=max(instant - workflow.now(), timedelta()),
                timeout_summary=words,
            )
        except TimeoutError:
            return False
        return True

    async def _look(self) -> RecoveryLook:
        look = await workflow.execute_activity_method(
            PaymentRecoveries.look_at_invoice,
            self._order,
            **policies.RECOVERY.under("Ask Stripe what became of the invoice"),
        )
        self._say(look.ending.value if look.ending else f"owed, grace until {look.grace_ends_at}")
        return look

    async def _end_grace(self) -> Ending:
        ending = await workflow.execute_activity_method(
            PaymentRecoveries.end_grace,
            self._order,
            **policies.RECOVERY.under("Void the invoice, end the subscription, downgrade"),
        )
        self._say(ending.value)
        if ending is Ending.DOWNGRADED:
            await self._write(LetterKind.DOWNGRADED)
        return ending

    async def _write(self, letter: LetterKind) -> None:
        order = LetterOrder(
            user_id=self._order.user_id, invoice_id=self._order.invoice_id, letter=letter
        )
        try:
            await workflow.execute_activity_method(
                PaymentRecoveries.write_recovery_letter,
                order,
                task_queue=queues.LETTERS,
                **policies.RECOVERY_LETTER.under(f"Write {letter.value}"),
            )
        except ActivityError:
            workflow.logger.warning("a letter about a subscription was not sent")

    def _say(self, phase: str) -> None:
        workflow.set_current_details(f"### {phase}")
