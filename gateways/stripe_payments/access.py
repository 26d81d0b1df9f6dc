"""What the key may read of what this service needs, told by asking for a single item of each."""

from collections.abc import Awaitable, Callable

import stripe

from domain.payments import PaymentAccess
from gateways.stripe_payments.classification import failure_of_call


async def access(client: stripe.StripeClient, *, subscriptions: bool) -> PaymentAccess:
    """A restricted key is refused what it was not given; no item is looked at.

    Args:
        client: that asks with the key.
        subscriptions: whether what they need is asked for too.

    Raises:
        PaymentMisconfigured, PaymentUnavailable: as `failure_of_call` says.
    """
    v1 = client.v1
    reads: dict[str, Callable[[], Awaitable[object]]] = {
        "customers": lambda: v1.customers.list_async({"limit": 1}),
        "checkout sessions": lambda: v1.checkout.sessions.list_async({"limit": 1}),
        "setup intents": lambda: v1.setup_intents.list_async({"limit": 1}),
        "payment intents": lambda: v1.payment_intents.list_async({"limit": 1}),
        "refunds": lambda: v1.refunds.list_async({"limit": 1}),
    }
    if subscriptions:
        reads |= {
            "subscriptions": lambda: v1.subscriptions.list_async({"limit": 1}),
            "invoices": lambda: v1.invoices.list_async({"limit": 1}),
        }
    withheld: list[str] = []
    for name, read in reads.items():
        try:
            await read()
        except stripe.PermissionError:
            withheld.append(name)
        except Exception as failure:  # noqa: BLE001 - the SDK raises raw errors for odd bodies
            raise failure_of_call(failure) from None
    return PaymentAccess(withheld=tuple(withheld))
