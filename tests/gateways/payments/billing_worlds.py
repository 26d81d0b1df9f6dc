"""A payment service with a plan to subscribe to: in memory, and Stripe over its simulator."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import uuid4

import httpx
from pydantic import SecretStr

from domain.family import Card
from domain.subscriptions import Billed, CheckoutOrder
from gateways.fakes.billing import PERIOD, PRICE, FakeBilling
from gateways.protocols.billing import Billing
from gateways.stripe_payments import StripePayments
from sandbox.simulator.control import SimulatorControl
from tests.gateways.payments.payment_worlds import PATIENCE, RETURN_URL, SECRET_KEY, TOKEN


class BillingWorld(Protocol):
    """The service under test, and the hands behind it."""

    @property
    def billing(self) -> Billing: ...

    async def new_customer(self) -> str: ...

    async def pay_page(self, session_id: str) -> None:
        """The parent subscribes on that page with a card that pays."""
        ...

    async def new_card(self, customer_id: str, *, pays: bool = True) -> str:
        """Another card of that customer."""
        ...

    def customer_of(self, billed: Billed) -> str: ...

    def declines(self, payment_method_id: str) -> None:
        """From now on the bank does not pay with that card."""
        ...

    async def lose_card(self, payment_method_id: str) -> None:
        """It is its customer's no more."""
        ...

    def month_over(self, subscription_id: str) -> None:
        """Its period is over: it is billed again, or ends."""
        ...

    def day_passes(self) -> None: ...

    def tries(self, invoice_id: str) -> int:
        """How often it was tried to take the money of that invoice."""
        ...


class FakeBillingWorld:
    def __init__(self) -> None:
        self._later = timedelta()
        self.billing = FakeBilling(lambda: datetime.now(UTC) + self._later)

    async def new_customer(self) -> str:
        return f"cus_{uuid4().hex}"

    async def pay_page(self, session_id: str) -> None:
        self.billing.complete_checkout(session_id, _card(f"pm_{uuid4().hex}"))

    async def new_card(self, customer_id: str, *, pays: bool = True) -> str:
        card = f"pm_{customer_id}_{uuid4().hex}"
        if not pays:
            self.billing.declined.add(card)
        return card

    def customer_of(self, billed: Billed) -> str:
        return self.billing.customer_of(billed.subscription_id)

    def declines(self, payment_method_id: str) -> None:
        self.billing.declined.add(payment_method_id)

    async def lose_card(self, payment_method_id: str) -> None:
        self.billing.gone.add(payment_method_id)

    def month_over(self, subscription_id: str) -> None:
        self._later += PERIOD
        self.billing.renew(subscription_id)

    def day_passes(self) -> None:
        self._later += timedelta(days=1)

    def tries(self, invoice_id: str) -> int:
        return sum(invoice == invoice_id for invoice, _ in self.billing.tries)


def _card(payment_method_id: str) -> Card:
    return Card(
        payment_method_id=payment_method_id,
        brand="visa",
        last4="4242",
        exp_month=12,
        exp_year=2100,
    )


class StripeBillingWorld:
    def __init__(self, billing: Billing, control: SimulatorControl, url: str) -> None:
        self.billing = billing
        self.control = control
        self._url = url

    async def new_customer(self) -> str:
        return str((await self._posted("/v1/customers"))["id"])

    async def pay_page(self, session_id: str) -> None:
        async with self._browser() as browser:
            answer = await browser.post(f"/checkout/{session_id}", data={"card": "success"})
        assert answer.is_redirect

    async def new_card(self, customer_id: str, *, pays: bool = True) -> str:
        kind = "mastercard" if pays else "insufficient_funds"
        card = self.control.post(f"/_sim/customers/{customer_id}/cards", {"card": kind})
        return str(card["id"])

    def customer_of(self, billed: Billed) -> str:
        return str(self._plan(billed.subscription_id)["customer"])

    def declines(self, payment_method_id: str) -> None:
        path = f"/_sim/payment_methods/{payment_method_id}/behaviour"
        self.control.post(path, {"card": "insufficient_funds"})

    async def lose_card(self, payment_method_id: str) -> None:
        await self._posted(f"/v1/payment_methods/{payment_method_id}/detach")

    def month_over(self, subscription_id: str) -> None:
        over = self._plan(subscription_id)["items"]["data"][0]["current_period_end"]
        now = self.control.get("/_sim/clock")["now"]
        self.control.post("/_sim/clock", {"seconds": over - now + 1})

    def day_passes(self) -> None:
        self.control.post("/_sim/clock", {"seconds": 24 * 60 * 60})

    def tries(self, invoice_id: str) -> int:
        invoices = self.control.get("/_sim/invoices")["invoices"]
        (invoice,) = [one for one in invoices if one["id"] == invoice_id]
        return int(invoice["attempt_count"])

    def _plan(self, subscription_id: str) -> dict[str, Any]:
        plans = self.control.get("/_sim/subscriptions")["subscriptions"]
        (plan,) = [one for one in plans if one["id"] == subscription_id]
        return plan

    async def _posted(self, path: str) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {SECRET_KEY}"}
        async with self._browser() as browser:
            answer = await browser.post(path, headers=headers)
        return answer.raise_for_status().json()

    def _browser(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self._url, trust_env=False)


@asynccontextmanager
async def stripe_billing_world(url: str) -> AsyncGenerator[StripeBillingWorld]:
    """A fresh state of that simulator, and a client of its own."""
    with SimulatorControl(url, TOKEN) as control:
        control.reset()
        payments = StripePayments(SecretStr(SECRET_KEY), url, timeout=PATIENCE)
        try:
            yield StripeBillingWorld(payments.billing, control, url)
        finally:
            await payments.aclose()


def order_of(customer_id: str, **changes: object) -> CheckoutOrder:
    order = CheckoutOrder(
        user_id=uuid4(), customer_id=customer_id, price_id=PRICE, return_url=RETURN_URL
    )
    return order.model_copy(update=changes)


async def subscribed(world: BillingWorld) -> Billed:
    """One that was paid just now."""
    customer_id = await world.new_customer()
    page = await world.billing.start_checkout(order_of(customer_id))
    await world.pay_page(page.session_id)
    (billed,) = await world.billing.subscriptions(customer_id)
    return billed


async def unpaid(world: BillingWorld) -> tuple[Billed, str]:
    """One whose second month could not be paid; with the invoice."""
    billed = await subscribed(world)
    world.declines(billed.payment_method_id or "")
    world.month_over(billed.subscription_id)
    (owed,) = await world.billing.owed(billed.subscription_id)
    return billed, owed.invoice_id
