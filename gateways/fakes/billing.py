"""Subscriptions and invoices in memory: a `Billing` whose months pass when a test says so."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from domain.errors import PaymentMisconfigured
from domain.family import Card
from domain.invoices import Invoice, InvoicePage, InvoiceStatus
from domain.money import Money
from domain.subscriptions import Billed, Checkout, CheckoutOrder, CheckoutPage, SubscriptionStatus
from gateways.fakes.script import Script

PRICE = "price_signupassist_monthly"
"""The one price that there is."""
MONTHLY = Money(amount_cents=1_200)
PERIOD = timedelta(days=31)
PAGE_LASTS = timedelta(days=1)


@dataclass(slots=True)
class _Page:
    order: CheckoutOrder
    expires_at: datetime
    card: Card | None = None


@dataclass(slots=True)
class _Plan:
    customer_id: str
    billed: Billed
    invoices: list[Invoice] = field(default_factory=list[Invoice])


class FakeBilling:
    """Subscriptions in memory.

    Attributes:
        script: failures per method name.
        tries: every try to take money, as invoice and card.
        declined: the cards that are declined from now on. A knob.
        gone: those that their customers have no more. A knob.
    """

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self.script = Script()
        self.tries: list[tuple[str, str]] = []
        self.declined: set[str] = set()
        self.gone: set[str] = set()
        self._pages: dict[str, _Page] = {}
        self._plans: dict[str, _Plan] = {}

    def complete_checkout(self, session_id: str, card: Card) -> str:
        """The parent subscribes on that page with that card; the subscription's id."""
        page = self._pages[session_id]
        page.card = card
        return self.subscribe(page.order.customer_id, card.payment_method_id)

    def subscribe(self, customer_id: str, payment_method_id: str) -> str:
        """A new subscription, its first month paid; its id."""
        subscription_id = f"sub_{len(self._plans) + 1}"
        now = self._now()
        billed = Billed(
            subscription_id=subscription_id,
            status=SubscriptionStatus.ACTIVE,
            created_at=now,
            current_period_end=now + PERIOD,
            payment_method_id=payment_method_id,
        )
        self._plans[subscription_id] = _Plan(customer_id, billed)
        self._bill(subscription_id)
        return subscription_id

    def renew(self, subscription_id: str) -> Invoice:
        """Its period is over: it ends, or the next month is billed."""
        billed = self._plans[subscription_id].billed
        if not billed.renews:
            self._change(subscription_id, status=SubscriptionStatus.CANCELLED)
            return self._plans[subscription_id].invoices[-1]
        self._change(
            subscription_id, current_period_end=(billed.current_period_end or self._now()) + PERIOD
        )
        return self._bill(subscription_id)

    def try_again(self, invoice_id: str) -> Invoice:
        """The service tries by itself to take what is owed."""
        plan = self._plan_of(invoice_id)
        return self._take(invoice_id, plan.billed.payment_method_id or "")

    def customer_of(self, subscription_id: str) -> str:
        """Whose it is."""
        return self._plans[subscription_id].customer_id

    def write_off(self, invoice_id: str) -> None:
        """An operator ends the invoice."""
        self._keep(self._of(invoice_id).model_copy(update={"status": InvoiceStatus.VOID}))

    async def start_checkout(self, order: CheckoutOrder) -> CheckoutPage:
        turn = self.script.take("start_checkout")
        await turn.before()
        if order.price_id != PRICE:
            raise PaymentMisconfigured("there is no such price")
        same = [known for known, page in self._pages.items() if page.order == order]
        session_id = same[0] if same else f"cs_sub_{len(self._pages) + 1}"
        self._pages.setdefault(session_id, _Page(order, self._now() + PAGE_LASTS))
        await turn.after()
        return self._shown(session_id)

    async def checkout(self, session_id: str) -> Checkout:
        turn = self.script.take("checkout")
        await turn.before()
        page = self._pages.get(session_id)
        await turn.after()
        if page is None:
            return Checkout()
        if page.card is not None:
            return Checkout(complete=True, card=page.card)
        return Checkout(page=self._shown(session_id) if page.expires_at > self._now() else None)

    async def subscriptions(self, customer_id: str) -> tuple[Billed, ...]:
        turn = self.script.take("subscriptions")
        await turn.before()
        found = tuple(p.billed for p in self._plans.values() if p.customer_id == customer_id)
        await turn.after()
        return found

    async def subscription(self, subscription_id: str) -> Billed | None:
        turn = self.script.take("subscription")
        await turn.before()
        await turn.after()
        plan = self._plans.get(subscription_id)
        return plan.billed if plan else None

    async def end_with_period(self, subscription_id: str, *, wanted: bool) -> Billed | None:
        turn = self.script.take("end_with_period")
        await turn.before()
        plan = self._plans.get(subscription_id)
        if plan is not None and plan.billed.live:
            self._change(subscription_id, cancel_at_period_end=wanted)
        await turn.after()
        return plan.billed if plan else None

    async def end(self, subscription_id: str) -> None:
        turn = self.script.take("end")
        await turn.before()
        if subscription_id in self._plans:
            self._change(subscription_id, status=SubscriptionStatus.CANCELLED)
        await turn.after()

    async def use_card(self, subscription_id: str, payment_method_id: str) -> bool:
        turn = self.script.take("use_card")
        await turn.before()
        known = payment_method_id not in self.gone
        plan = self._plans.get(subscription_id)
        if known and plan is not None and plan.billed.live:
            self._change(subscription_id, payment_method_id=payment_method_id)
        await turn.after()
        return known

    async def owed(self, subscription_id: str) -> tuple[Invoice, ...]:
        turn = self.script.take("owed")
        await turn.before()
        await turn.after()
        plan = self._plans.get(subscription_id)
        every = plan.invoices if plan else []
        return tuple(one for one in every if one.status is InvoiceStatus.OPEN)

    async def invoice(self, invoice_id: str) -> Invoice:
        turn = self.script.take("invoice")
        await turn.before()
        await turn.after()
        return self._of(invoice_id)

    async def pay(self, invoice_id: str, payment_method_id: str) -> Invoice:
        turn = self.script.take("pay")
        await turn.before()
        tried = (invoice_id, payment_method_id) in self.tries
        if not tried and self._of(invoice_id).status is InvoiceStatus.OPEN:
            self._take(invoice_id, payment_method_id)
        await turn.after()
        return self._of(invoice_id)

    async def give_up(self, invoice_id: str) -> Invoice:
        turn = self.script.take("give_up")
        await turn.before()
        if self._of(invoice_id).status is not InvoiceStatus.PAID:
            self.write_off(invoice_id)
        await turn.after()
        return self._of(invoice_id)

    async def invoices(self, customer_id: str, limit: int, after: str | None) -> InvoicePage | None:
        turn = self.script.take("invoices")
        await turn.before()
        await turn.after()
        plans = [plan for plan in self._plans.values() if plan.customer_id == customer_id]
        newest_first = [one for plan in reversed(plans) for one in reversed(plan.invoices)]
        ids = [one.invoice_id for one in newest_first]
        if after is not None and after not in ids:
            return None
        begin = 0 if after is None else ids.index(after) + 1
        shown = newest_first[begin : begin + limit]
        return InvoicePage(invoices=tuple(shown), more=len(newest_first) > begin + limit)

    def _bill(self, subscription_id: str) -> Invoice:
        plan = self._plans[subscription_id]
        number = sum(len(known.invoices) for known in self._plans.values()) + 1
        plan.invoices.append(
            Invoice(
                invoice_id=f"in_{number}",
                number=f"INV-{number:04}",
                status=InvoiceStatus.OPEN,
                amount_due=MONTHLY,
                amount_paid=Money(amount_cents=0),
                created_at=self._now(),
                since=self._now(),
                subscription_id=subscription_id,
                url=f"https://pay.invalid/in_{number}",
            )
        )
        return self.try_again(f"in_{number}")

    def _take(self, invoice_id: str, payment_method_id: str) -> Invoice:
        self.tries.append((invoice_id, payment_method_id))
        invoice = self._of(invoice_id).model_copy(update={"attempted": True})
        status = SubscriptionStatus.PAST_DUE
        if payment_method_id not in self.declined:
            status = SubscriptionStatus.ACTIVE
            paid = {"status": InvoiceStatus.PAID, "amount_paid": invoice.amount_due}
            invoice = invoice.model_copy(update=paid)
        self._keep(invoice)
        plan = self._plan_of(invoice_id)
        if plan.billed.live and plan.invoices[-1].invoice_id == invoice_id:
            self._change(plan.billed.subscription_id, status=status)
        return invoice

    def _change(self, subscription_id: str, **facts: object) -> None:
        plan = self._plans[subscription_id]
        plan.billed = plan.billed.model_copy(update=facts)

    def _plan_of(self, invoice_id: str) -> _Plan:
        for plan in self._plans.values():
            if any(one.invoice_id == invoice_id for one in plan.invoices):
                return plan
        raise PaymentMisconfigured("there is no such invoice")

    def _of(self, invoice_id: str) -> Invoice:
        found = self._plan_of(invoice_id).invoices
        return next(one for one in found if one.invoice_id == invoice_id)

    def _keep(self, invoice: Invoice) -> None:
        invoices = self._plan_of(invoice.invoice_id).invoices
        place = [one.invoice_id for one in invoices].index(invoice.invoice_id)
        invoices[place] = invoice

    def _shown(self, session_id: str) -> CheckoutPage:
        return CheckoutPage(
            session_id=session_id,
            url=f"https://pay.invalid/{session_id}",
            expires_at=self._pages[session_id].expires_at,
        )
