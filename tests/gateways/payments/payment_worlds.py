"""A payment service with cards to charge: in memory, and Stripe over its simulator."""

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol
from uuid import UUID, uuid4

import httpx
from pydantic import SecretStr

from domain.errors import PaymentUnavailable, PaymentUnknown
from domain.family import Card
from domain.identifiers import fee_key
from domain.money import SUCCESS_FEE_CENTS, Money
from domain.payments import FrozenCharge
from domain.refunds import RefundOutcome, RefundStatus
from gateways.fakes.payments import CardBehaviour, FakePayments
from gateways.protocols.payments import Payments
from gateways.stripe_payments import StripePayments
from sandbox.simulator.control import SimulatorControl
from sandbox.simulator.server import running
from sandbox.stripe.vendor import stripe_vendor

TOKEN = "control-token-for-tests"
SECRET_KEY = "sk_test_contract"
RETURN_URL = "http://127.0.0.1:8000/cards?lang=en"
PATIENCE = timedelta(seconds=1)
CHARGES = "POST /v1/payment_intents"


class PaymentWorld(Protocol):
    """The service under test, and the hands behind it."""

    @property
    def payments(self) -> Payments: ...

    async def complete_setup(self, session_id: str, behaviour: CardBehaviour) -> None:
        """The parent saves a card on the hosted page."""
        ...

    def taken(self, registration_id: UUID) -> int:
        """How many payments of that registration took money."""
        ...

    async def answer_bank(self, page: str, *, approve: bool) -> None:
        """The parent answers on the bank's page."""
        ...

    def given_back(self, registration_id: UUID) -> int:
        """How many refunds of that registration moved money."""
        ...

    def send_back(self, registration_id: UUID) -> None:
        """The bank sends the refund of that registration back."""
        ...

    def lose_next_answer(self, to: str = "charge") -> None:
        """The next charge, or `refund`, is made and its answer lost."""
        ...

    def refuse_next(self) -> None:
        """The next charge is refused before anything happens."""
        ...

    def forget_keys(self) -> None:
        """A day passes."""
        ...


class FakeWorld:
    def __init__(self) -> None:
        self._later = timedelta()
        self.payments = FakePayments(lambda: datetime.now(UTC) + self._later)

    async def complete_setup(self, session_id: str, behaviour: CardBehaviour) -> None:
        card = Card(
            payment_method_id=f"pm_{uuid4().hex}",
            brand="visa",
            last4="4242",
            exp_month=12,
            exp_year=2100,
        )
        self.payments.complete_setup(session_id, card, behaviour)

    def taken(self, registration_id: UUID) -> int:
        return len(self.payments.taken(registration_id))

    async def answer_bank(self, page: str, *, approve: bool) -> None:
        intent_id = page.rpartition("/")[2]
        (self.payments.approve if approve else self.payments.disapprove)(intent_id)

    def given_back(self, registration_id: UUID) -> int:
        return len(self.payments.refunds.given_back(registration_id))

    def send_back(self, registration_id: UUID) -> None:
        failed = RefundOutcome(status=RefundStatus.FAILED, failure_code="expired_or_canceled_card")
        self.payments.refunds.end(registration_id, failed)

    def lose_next_answer(self, to: str = "charge") -> None:
        self.payments.script.fail_next(to, PaymentUnknown("reset"), after_commit=True)

    def refuse_next(self) -> None:
        self.payments.script.fail_next("charge", PaymentUnavailable("busy"))

    def forget_keys(self) -> None:
        self._later += timedelta(days=1)


CARD_NAMES = {
    CardBehaviour.PAYS: "success",
    CardBehaviour.DECLINES: "declined_when_charged",
    CardBehaviour.ASKS_FOR_APPROVAL: "authentication_required",
}


class StripeWorld:
    def __init__(self, payments: StripePayments, control: SimulatorControl, url: str) -> None:
        self.payments = payments
        self.control = control
        self._url = url

    async def complete_setup(self, session_id: str, behaviour: CardBehaviour) -> None:
        async with httpx.AsyncClient(base_url=self._url, trust_env=False) as browser:
            choice = {"card": CARD_NAMES[behaviour]}
            answer = await browser.post(f"/checkout/{session_id}", data=choice)
        assert answer.is_redirect

    def taken(self, registration_id: UUID) -> int:
        query = {"registration_id": str(registration_id), "status": "succeeded"}
        return len(self.control.get("/_sim/payment_intents", **query)["payment_intents"])

    async def answer_bank(self, page: str, *, approve: bool) -> None:
        async with httpx.AsyncClient(trust_env=False) as browser:
            asked = await browser.post(page, data={"answer": "approve" if approve else "refuse"})
        assert asked.is_redirect
        status = "succeeded" if approve else "failed"
        assert asked.headers["location"].startswith(f"{RETURN_URL}&payment_intent=")
        assert asked.headers["location"].endswith(f"&redirect_status={status}")

    def given_back(self, registration_id: UUID) -> int:
        query = {"registration_id": str(registration_id), "status": "succeeded"}
        return len(self.control.get("/_sim/refunds", **query)["refunds"])

    def send_back(self, registration_id: UUID) -> None:
        query = {"registration_id": str(registration_id)}
        for refund in self.control.get("/_sim/refunds", **query)["refunds"]:
            self.control.post(f"/_sim/refunds/{refund['id']}/send_back", {})

    def lose_next_answer(self, to: str = "charge") -> None:
        endpoint = CHARGES if to == "charge" else "POST /v1/refunds"
        self.control.add_fault("drop_after", endpoint=endpoint)

    def refuse_next(self) -> None:
        self.control.add_fault("throttle", endpoint=CHARGES)

    def forget_keys(self) -> None:
        self.control.post("/_sim/idempotency/forget", {})


@contextmanager
def stripe_simulator(data: Path) -> Generator[str]:
    """The address of a simulator."""
    vendor = stripe_vendor(SECRET_KEY)
    with running(vendor, data=data / "stripe.sqlite", control_token=TOKEN) as url:
        yield url


def payments_at(url: str, secret_key: str = SECRET_KEY) -> StripePayments:
    return StripePayments(SecretStr(secret_key), url, timeout=PATIENCE)


@asynccontextmanager
async def stripe_world(url: str) -> AsyncGenerator[StripeWorld]:
    """A fresh state of that simulator, and a client of its own."""
    with SimulatorControl(url, TOKEN) as control:
        control.reset()
        payments = payments_at(url)
        try:
            yield StripeWorld(payments, control, url)
        finally:
            await payments.aclose()


async def frozen_charge(
    world: PaymentWorld, behaviour: CardBehaviour = CardBehaviour.PAYS
) -> FrozenCharge:
    """A first charge, on a card saved through the hosted page."""
    customer_id = await world.payments.create_customer(uuid4())
    card = await saved_card(world, customer_id, behaviour)
    return charge_of(uuid4(), 1, customer_id, card)


async def saved_card(world: PaymentWorld, customer_id: str, behaviour: CardBehaviour) -> Card:
    setup = await world.payments.start_card_setup(customer_id, RETURN_URL)
    await world.complete_setup(setup.session_id, behaviour)
    card = await world.payments.card_from_setup(setup.session_id)
    assert card is not None
    return card


def charge_of(registration_id: UUID, number: int, customer_id: str, card: Card) -> FrozenCharge:
    return FrozenCharge(
        registration_id=registration_id,
        number=number,
        idempotency_key=fee_key(registration_id, number),
        amount=Money(amount_cents=SUCCESS_FEE_CENTS),
        customer_id=customer_id,
        payment_method_id=card.payment_method_id,
        first_sent_at=datetime.now(UTC),
    )
