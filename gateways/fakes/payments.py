"""A payment service in memory: a `Payments` with true idempotency keys."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from domain.errors import KeyReused, PaymentMisconfigured
from domain.family import Card
from domain.money import Money
from domain.payments import (
    CardSetup,
    ChargeOutcome,
    ChargeStatus,
    FrozenCharge,
    PaymentAccess,
)
from domain.refunds import FrozenRefund, RefundOutcome
from gateways.fakes.billing import FakeBilling
from gateways.fakes.refunds import FakeRefunds
from gateways.fakes.script import Script

KEY_LIFETIME = timedelta(hours=24)
"""A key repeated later charges anew, as at Stripe."""


class CardBehaviour(StrEnum):
    """What a card does when it is charged."""

    PAYS = "pays"
    DECLINES = "declines"
    ASKS_FOR_APPROVAL = "asks_for_approval"


@dataclass(slots=True)
class Payment:
    """One payment made or declined, as the service keeps it."""

    charge: FrozenCharge
    answered: ChargeOutcome
    """What its key replays."""
    outcome: ChargeOutcome
    """What has become of it since."""
    made_at: datetime


class FakePayments:
    """Customers, saved cards and charges in memory.

    Attributes:
        script: failures per method name; `after_commit` loses the answer of a charge made.
        payments: everything executed, oldest first; a replayed key adds nothing.
        sends: every call of `charge`, replays included.
        refunds: everything given back.
        withheld: what the key may not read. A knob.
        billing: the paid plan.
    """

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self.script = Script()
        self.payments: list[Payment] = []
        self.sends: list[FrozenCharge] = []
        self.withheld: tuple[str, ...] = ()
        self.billing = FakeBilling(now)
        self.refunds = FakeRefunds(now, self.script, self._taken_by)
        self._customers: dict[UUID, str] = {}
        self._setups: dict[str, Card | None] = {}
        self._behaviour: dict[str, tuple[CardBehaviour, str]] = {}
        self._keys: dict[str, Payment] = {}

    def save_card(
        self,
        card: Card,
        behaviour: CardBehaviour = CardBehaviour.PAYS,
        decline_code: str = "generic_decline",
    ) -> None:
        """Make the card chargeable. Charging an unknown one is declined."""
        self._behaviour[card.payment_method_id] = (behaviour, decline_code)

    def complete_setup(
        self, session_id: str, card: Card, behaviour: CardBehaviour = CardBehaviour.PAYS
    ) -> None:
        """The parent saves that card on the hosted page."""
        self.save_card(card, behaviour)
        self._setups[session_id] = card

    def taken(self, registration_id: UUID) -> list[Payment]:
        """The payments of a registration that took money: never more than one."""
        return [
            payment
            for payment in self.payments
            if payment.charge.registration_id == registration_id
            and payment.outcome.status is ChargeStatus.SUCCEEDED
        ]

    def approve(self, intent_id: str) -> None:
        """The parent approves on the bank's page, where it still waits."""
        self._end(intent_id, ChargeStatus.SUCCEEDED, None)

    def disapprove(self, intent_id: str) -> None:
        """The parent refuses on the bank's page."""
        self._end(intent_id, ChargeStatus.DECLINED, "payment_intent_authentication_failure")

    async def access(
        self,
        *,
        subscriptions: bool = False,  # noqa: ARG002 - the knob says what is withheld
    ) -> PaymentAccess:
        turn = self.script.take("access")
        await turn.before()
        await turn.after()
        return PaymentAccess(withheld=self.withheld)

    async def create_customer(self, user_id: UUID) -> str:
        turn = self.script.take("create_customer")
        await turn.before()
        customer = self._customers.setdefault(user_id, f"cus_{user_id.hex[:14]}")
        await turn.after()
        return customer

    async def delete_customer(self, customer_id: str) -> None:
        turn = self.script.take("delete_customer")
        await turn.before()
        kept = {who: known for who, known in self._customers.items() if known != customer_id}
        self._customers = kept
        await turn.after()

    async def start_card_setup(
        self,
        customer_id: str,
        return_url: str,  # noqa: ARG002 - nobody comes back from a page that does not exist
    ) -> CardSetup:
        turn = self.script.take("start_card_setup")
        await turn.before()
        if customer_id not in self._customers.values():
            raise PaymentMisconfigured("there is no such customer")
        session_id = f"cs_{len(self._setups) + 1}"
        self._setups[session_id] = None
        await turn.after()
        return self._page(session_id)

    async def card_from_setup(self, session_id: str) -> Card | None:
        turn = self.script.take("card_from_setup")
        await turn.before()
        if session_id not in self._setups:
            raise PaymentMisconfigured("there is no such session")
        await turn.after()
        return self._setups[session_id]

    async def open_card_setup(self, session_id: str) -> CardSetup | None:
        turn = self.script.take("open_card_setup")
        await turn.before()
        if session_id not in self._setups:
            raise PaymentMisconfigured("there is no such session")
        await turn.after()
        return self._page(session_id) if self._setups[session_id] is None else None

    async def charge(self, charge: FrozenCharge) -> ChargeOutcome:
        self.sends.append(charge)
        turn = self.script.take("charge")
        await turn.before()
        payment = self._keys.get(charge.idempotency_key)
        if payment is None or self._now() - payment.made_at >= KEY_LIFETIME:
            made = self._execute(charge)
            payment = Payment(charge, made, made, self._now())
            self.payments.append(payment)
            self._keys[charge.idempotency_key] = payment
        elif _parameters(payment.charge) != _parameters(charge):
            raise KeyReused("the parameters drifted under an idempotency key")
        await turn.after()
        return payment.answered

    async def find_charge(self, charge: FrozenCharge, since: datetime) -> ChargeOutcome | None:
        turn = self.script.take("find_charge")
        await turn.before()
        found = [
            payment.outcome
            for payment in self.payments
            if payment.made_at >= since
            and payment.charge.customer_id == charge.customer_id
            and payment.charge.registration_id == charge.registration_id
            and payment.charge.number == charge.number
        ]
        await turn.after()
        found.sort(key=lambda outcome: outcome.status is not ChargeStatus.SUCCEEDED)
        return found[0] if found else None

    async def outcome(
        self,
        charge: FrozenCharge,  # noqa: ARG002 - the payment knows its charge
        intent_id: str,
    ) -> ChargeOutcome:
        turn = self.script.take("outcome")
        await turn.before()
        await turn.after()
        return self._payment(intent_id).outcome

    async def withdraw(self, charge: FrozenCharge, intent_id: str) -> ChargeOutcome:  # noqa: ARG002 - likewise
        turn = self.script.take("withdraw")
        await turn.before()
        payment = self._payment(intent_id)
        if payment.outcome.status is not ChargeStatus.SUCCEEDED:
            withdrawn = {"status": ChargeStatus.DECLINED, "decline_code": "canceled"}
            payment.outcome = payment.outcome.model_copy(update=withdrawn)
        await turn.after()
        return payment.outcome

    async def approval_page(
        self,
        charge: FrozenCharge,  # noqa: ARG002 - likewise
        intent_id: str,
        return_url: str,  # noqa: ARG002 - nobody comes back from a page that does not exist
    ) -> str | None:
        turn = self.script.take("approval_page")
        await turn.before()
        await turn.after()
        waits = self._payment(intent_id).outcome.status is ChargeStatus.REQUIRES_ACTION
        return f"https://bank.invalid/{intent_id}" if waits else None

    async def refund(self, refund: FrozenRefund) -> RefundOutcome:
        return await self.refunds.refund(refund)

    async def find_refund(self, refund: FrozenRefund) -> RefundOutcome | None:
        return await self.refunds.find(refund)

    async def aclose(self) -> None:
        """Nothing to give back."""

    def _taken_by(self, intent_id: str) -> Money | None:
        for payment in self.payments:
            succeeded = payment.outcome.status is ChargeStatus.SUCCEEDED
            if payment.outcome.payment_intent_id == intent_id and succeeded:
                return payment.charge.amount
        return None

    def _payment(self, intent_id: str) -> Payment:
        for payment in self.payments:
            if payment.outcome.payment_intent_id == intent_id:
                return payment
        raise PaymentMisconfigured("there is no such payment")

    def _end(self, intent_id: str, status: ChargeStatus, code: str | None) -> None:
        payment = self._payment(intent_id)
        if payment.outcome.status is ChargeStatus.REQUIRES_ACTION:
            changes = {"status": status, "decline_code": code}
            payment.outcome = payment.outcome.model_copy(update=changes)

    def _page(self, session_id: str) -> CardSetup:
        return CardSetup(
            session_id=session_id,
            url=f"https://pay.invalid/{session_id}",
            expires_at=self._now() + timedelta(days=1),
        )

    def _execute(self, charge: FrozenCharge) -> ChargeOutcome:
        known = self._behaviour.get(charge.payment_method_id)
        if known is None:
            return ChargeOutcome(
                number=charge.number,
                status=ChargeStatus.DECLINED,
                decline_code="resource_missing",
            )
        behaviour, decline_code = known
        status, code = {
            CardBehaviour.PAYS: (ChargeStatus.SUCCEEDED, None),
            CardBehaviour.DECLINES: (ChargeStatus.DECLINED, decline_code),
            CardBehaviour.ASKS_FOR_APPROVAL: (
                ChargeStatus.REQUIRES_ACTION,
                "authentication_required",
            ),
        }[behaviour]
        return ChargeOutcome(
            number=charge.number,
            status=status,
            payment_intent_id=f"pi_{len(self.payments) + 1}",
            decline_code=code,
        )


def _parameters(charge: FrozenCharge) -> FrozenCharge:
    """What is sent under the key: everything but our own note of when."""
    ours = {"first_sent_at": datetime.min.replace(tzinfo=UTC), "may_exist_since": None}
    return charge.model_copy(update=ours)
