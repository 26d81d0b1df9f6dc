"""The paid plan, as the payment service has it: the truth, of which our rows are the mirror."""

from typing import Protocol

from domain.invoices import Invoice, InvoicePage
from domain.subscriptions import Billed, Checkout, CheckoutOrder, CheckoutPage


class Billing(Protocol):
    """Subscriptions and their invoices. Raises only `domain.errors.PaymentError` and its kin.

    Every method may be repeated. No card data passes through us.
    """

    async def start_checkout(self, order: CheckoutOrder) -> CheckoutPage:
        """A hosted page on which the parent subscribes.

        Of two calls with the same order, however close, both get the same page.

        Raises:
            PaymentMisconfigured: there is no such price or customer.
        """
        ...

    async def checkout(self, session_id: str) -> Checkout:
        """What became of that page. One that is not known is over."""
        ...

    async def subscriptions(self, customer_id: str) -> tuple[Billed, ...]:
        """All of the customer's, also those that have ended; none whose first payment failed."""
        ...

    async def subscription(self, subscription_id: str) -> Billed | None:
        """That one, also where it has ended; None where there is none."""
        ...

    async def end_with_period(self, subscription_id: str, *, wanted: bool) -> Billed | None:
        """Let it end with its period, or go on after all; as it is then.

        One that has ended stays so, and is answered as it is. None where there is none.
        """
        ...

    async def end(self, subscription_id: str) -> None:
        """End it at once. Nothing more is tried to be charged for it."""
        ...

    async def use_card(self, subscription_id: str, payment_method_id: str) -> bool:
        """Charge it to that card of its customer's from now on; one that has ended stays so.

        False where its customer has no such card any more: then nothing has changed.
        """
        ...

    async def owed(self, subscription_id: str) -> tuple[Invoice, ...]:
        """Its invoices that are open, oldest first."""
        ...

    async def invoice(self, invoice_id: str) -> Invoice:
        """That invoice.

        Raises:
            PaymentMisconfigured: there is none.
        """
        ...

    async def pay(self, invoice_id: str, payment_method_id: str) -> Invoice:
        """Try once to take the money from that card; the invoice as it is then.

        Repeated soon with the same card it is not tried again. A card that is declined leaves
        it open.
        """
        ...

    async def give_up(self, invoice_id: str) -> Invoice:
        """Make sure that it is never paid; the invoice as it is then.

        `paid` where somebody paid it first, which stays so.
        """
        ...

    async def invoices(self, customer_id: str, limit: int, after: str | None) -> InvoicePage | None:
        """The customer's, newest first: so many, older than `after`.

        None where there is no such invoice to begin after.
        """
        ...
