"""A saved card, as Stripe shows it."""

import stripe
from pydantic import ValidationError

from domain.errors import PaymentUnavailable
from domain.family import Card


def card_of(method: stripe.PaymentMethod) -> Card | None:
    """What may be shown of it; None for what is no card.

    Raises:
        PaymentUnavailable: it cannot be read.
    """
    if method.card is None:
        return None
    try:
        return Card(
            payment_method_id=method.id,
            brand=method.card.brand,
            last4=method.card.last4 or "",
            exp_month=method.card.exp_month,
            exp_year=method.card.exp_year,
        )
    except ValidationError:
        # Not chained: pydantic's message would quote the card.
        raise PaymentUnavailable("the payment service's card cannot be read") from None
