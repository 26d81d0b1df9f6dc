"""Refunds in memory: with true keys, and never more than was taken."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from domain.errors import PaymentMisconfigured
from domain.money import Money
from domain.refunds import FrozenRefund, RefundOutcome, RefundStatus
from gateways.fakes.script import Script

KEY_LIFETIME = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class MadeRefund:
    """One answer of the service, kept under its key."""

    refund: FrozenRefund
    outcome: RefundOutcome
    made_at: datetime


class FakeRefunds:
    """What was given back.

    Attributes:
        made: every refund asked for, the refused ones included; a replayed key adds nothing.
        sends: every call, replays included.
        refuses: refuse every new one with that code. A knob.
        pends: accept every new one, and leave it to the bank. A knob.
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        script: Script,
        taken: Callable[[str], Money | None],
    ) -> None:
        """`taken` tells what a payment took; None when it took nothing."""
        self.made: list[MadeRefund] = []
        self.sends: list[FrozenRefund] = []
        self.refuses: str | None = None
        self.pends = False
        self._now = now
        self._script = script
        self._taken = taken
        self._keys: dict[str, MadeRefund] = {}

    def given_back(self, registration_id: UUID) -> list[MadeRefund]:
        """The refunds of a registration that moved money: never more than one."""
        return [
            made
            for made in self.made
            if made.refund.registration_id == registration_id
            and made.outcome.status is not RefundStatus.FAILED
        ]

    def end(self, registration_id: UUID, outcome: RefundOutcome) -> None:
        """The bank says what became of one that was left to it, or sends one back."""
        for place, made in enumerate(self.made):
            open_end = made.outcome.status is not RefundStatus.FAILED
            if open_end and made.refund.registration_id == registration_id:
                ended = outcome.model_copy(update={"refund_id": made.outcome.refund_id})
                self.made[place] = replace(made, outcome=ended)

    async def refund(self, refund: FrozenRefund) -> RefundOutcome:
        """As `Payments.refund`."""
        self.sends.append(refund)
        turn = self._script.take("refund")
        await turn.before()
        made = self._keys.get(refund.idempotency_key)
        if made is None or self._now() - made.made_at >= KEY_LIFETIME:
            made = MadeRefund(refund, self._execute(refund), self._now())
            if made.outcome not in [earlier.outcome for earlier in self.made]:
                self.made.append(made)
            self._keys[refund.idempotency_key] = made
        elif made.refund.model_copy(update={"first_sent_at": refund.first_sent_at}) != refund:
            raise PaymentMisconfigured("the parameters drifted under an idempotency key")
        await turn.after()
        return made.outcome

    async def find(self, refund: FrozenRefund) -> RefundOutcome | None:
        """As `Payments.find_refund`."""
        turn = self._script.take("find_refund")
        await turn.before()
        await turn.after()
        found = [
            made.outcome
            for made in self.made
            if made.refund.registration_id == refund.registration_id and made.outcome.refund_id
        ]
        found.sort(key=lambda outcome: outcome.status is RefundStatus.FAILED)
        return found[0] if found else None

    def _execute(self, refund: FrozenRefund) -> RefundOutcome:
        if self.refuses is not None:
            return RefundOutcome(status=RefundStatus.FAILED, failure_code=self.refuses)
        for made in self.made:
            same = made.refund.payment_intent_id == refund.payment_intent_id
            if same and made.outcome.status is not RefundStatus.FAILED:
                return made.outcome
        taken = self._taken(refund.payment_intent_id)
        if taken is None or taken.amount_cents < refund.amount.amount_cents:
            return RefundOutcome(status=RefundStatus.FAILED, failure_code="request_refused")
        status = RefundStatus.PENDING if self.pends else RefundStatus.SUCCEEDED
        return RefundOutcome(status=status, refund_id=f"re_{len(self.made) + 1}")
