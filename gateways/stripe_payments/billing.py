"""Subscriptions and their invoices at Stripe."""

from hashlib import sha256

import stripe
from stripe.params import InvoiceListParams

from domain.errors import KeyReused, PaymentStuck, PaymentUnavailable
from domain.invoices import Invoice, InvoicePage, InvoiceStatus
from domain.subscriptions import Billed, Checkout, CheckoutOrder, CheckoutPage, SubscriptionStatus
from gateways.stripe_payments.asking import repeatable, returning
from gateways.stripe_payments.billing_objects import billed_of, checkout_of, invoice_of, page_of
from gateways.stripe_payments.classification import failure_of_call, failure_of_charge

NOT_FOUND = 404


class StripeBilling:
    """A `Billing` over Stripe's SDK. Retries belong to the caller: there are none here."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self._v1 = client.v1

    async def start_checkout(self, order: CheckoutOrder) -> CheckoutPage:
        """Repeatable for as long as Stripe keeps the key; the page is then remembered here."""
        user = {"user_id": str(order.user_id)}
        session = await repeatable(
            self._v1.checkout.sessions.create_async(
                params={
                    "mode": "subscription",
                    "customer": order.customer_id,
                    "client_reference_id": str(order.user_id),
                    "line_items": [{"price": order.price_id, "quantity": 1}],
                    "allowed_payment_method_types": ["card"],
                    "metadata": user,
                    "subscription_data": {"metadata": user},
                    "success_url": returning(order.return_url, checkout="done"),
                    "cancel_url": returning(order.return_url, checkout="cancelled"),
                },
                options={"idempotency_key": _key(order)},
            )
        )
        return page_of(session)

    async def checkout(self, session_id: str) -> Checkout:
        try:
            session = await self._v1.checkout.sessions.retrieve_async(
                session_id, params={"expand": ["subscription.default_payment_method"]}
            )
            return checkout_of(session)
        except PaymentUnavailable:
            raise
        except stripe.InvalidRequestError as refused:
            if refused.http_status == NOT_FOUND:
                return Checkout()
            raise failure_of_call(refused) from None
        except Exception as failure:  # noqa: BLE001 - the SDK raises raw errors for odd bodies
            raise failure_of_call(failure) from None

    async def subscriptions(self, customer_id: str) -> tuple[Billed, ...]:
        try:
            listed = await self._v1.subscriptions.list_async(
                params={"customer": customer_id, "status": "all", "limit": 100}
            )
            found = [billed_of(one) async for one in listed.auto_paging_iter()]
        except PaymentUnavailable:
            raise
        except Exception as failure:  # noqa: BLE001 - the SDK raises raw errors for odd bodies
            raise failure_of_call(failure) from None
        return tuple(one for one in found if one is not None)

    async def subscription(self, subscription_id: str) -> Billed | None:
        try:
            return billed_of(await self._v1.subscriptions.retrieve_async(subscription_id))
        except PaymentUnavailable:
            raise
        except stripe.InvalidRequestError as refused:
            if refused.http_status == NOT_FOUND:
                return None
            raise failure_of_call(refused) from None
        except Exception as failure:  # noqa: BLE001 - the SDK raises raw errors for odd bodies
            raise failure_of_call(failure) from None

    async def end_with_period(self, subscription_id: str, *, wanted: bool) -> Billed | None:
        try:
            await self._v1.subscriptions.update_async(
                subscription_id, params={"cancel_at_period_end": wanted}
            )
        except stripe.InvalidRequestError as refused:
            await self._expect_ended(subscription_id, refused)
        except Exception as failure:  # noqa: BLE001 - the SDK raises raw errors for odd bodies
            raise failure_of_call(failure) from None
        return await self.subscription(subscription_id)

    async def end(self, subscription_id: str) -> None:
        """Stripe stops collecting the invoices of a subscription that was cancelled."""
        try:
            await self._v1.subscriptions.cancel_async(subscription_id)
        except stripe.InvalidRequestError as refused:
            await self._expect_ended(subscription_id, refused)
        except Exception as failure:  # noqa: BLE001 - the SDK raises raw errors for odd bodies
            raise failure_of_call(failure) from None

    async def use_card(self, subscription_id: str, payment_method_id: str) -> bool:
        try:
            await self._v1.subscriptions.update_async(
                subscription_id, params={"default_payment_method": payment_method_id}
            )
        except stripe.InvalidRequestError as refused:
            if refused.param == "default_payment_method":
                return False
            await self._expect_ended(subscription_id, refused)
        except Exception as failure:  # noqa: BLE001 - the SDK raises raw errors for odd bodies
            raise failure_of_call(failure) from None
        return True

    async def owed(self, subscription_id: str) -> tuple[Invoice, ...]:
        listed = await repeatable(
            self._v1.invoices.list_async(
                params={"subscription": subscription_id, "status": "open", "limit": 100}
            )
        )
        return tuple(invoice_of(one) for one in reversed(listed.data))

    async def invoice(self, invoice_id: str) -> Invoice:
        return invoice_of(await repeatable(self._v1.invoices.retrieve_async(invoice_id)))

    async def pay(self, invoice_id: str, payment_method_id: str) -> Invoice:
        """An invoice takes its money once, whatever is repeated; the key spares the card a try."""
        try:
            paid = await self._v1.invoices.pay_async(
                invoice_id,
                params={"payment_method": payment_method_id, "off_session": True},
                options={"idempotency_key": f"pay-{invoice_id}-{payment_method_id}"},
            )
        except (stripe.CardError, stripe.InvalidRequestError):
            # Declined, or no longer open: either way the invoice says where it stands.
            return await self.invoice(invoice_id)
        except Exception as failure:  # noqa: BLE001 - the SDK raises raw errors for odd bodies
            if isinstance(failure_of_charge(failure), PaymentStuck | KeyReused):
                return await self.invoice(invoice_id)
            raise failure_of_call(failure) from None
        return invoice_of(paid)

    async def give_up(self, invoice_id: str) -> Invoice:
        """Voiding is refused for what is paid: so exactly one of the two happens."""
        try:
            return invoice_of(await self._v1.invoices.void_invoice_async(invoice_id))
        except PaymentUnavailable:
            raise
        except stripe.InvalidRequestError as refused:
            invoice = await self.invoice(invoice_id)
            if invoice.status in (InvoiceStatus.PAID, InvoiceStatus.VOID):
                return invoice
            raise failure_of_call(refused) from None
        except Exception as failure:  # noqa: BLE001 - the SDK raises raw errors for odd bodies
            raise failure_of_call(failure) from None

    async def invoices(self, customer_id: str, limit: int, after: str | None) -> InvoicePage | None:
        begin: InvoiceListParams = {"customer": customer_id, "limit": limit}
        if after is not None:
            begin["starting_after"] = after
        try:
            listed = await self._v1.invoices.list_async(params=begin)
        except stripe.InvalidRequestError as refused:
            if after is None:
                raise failure_of_call(refused) from None
            return None
        except Exception as failure:  # noqa: BLE001 - the SDK raises raw errors for odd bodies
            raise failure_of_call(failure) from None
        return InvoicePage(
            invoices=tuple(invoice_of(one) for one in listed.data), more=listed.has_more
        )

    async def _expect_ended(self, subscription_id: str, refused: Exception) -> None:
        billed = await self.subscription(subscription_id)
        if billed is not None and billed.status is not SubscriptionStatus.CANCELLED:
            raise failure_of_call(refused) from None


def _key(order: CheckoutOrder) -> str:
    """The same for the same order: it holds everything that is sent, so no parameter drifts."""
    return f"checkout-{sha256(order.model_dump_json().encode()).hexdigest()[:40]}"
