"""What the MCP server must be told to sell subscriptions."""

from typing import Annotated

from pydantic import Field, SecretStr

from settings import Settings


class SubscriptionSettings(Settings):
    """The paid plan at Stripe: none is sold, unless both are given."""

    stripe_price_id: Annotated[
        str | None, Field(pattern=r"^\S+$", description="Stripe's price of the subscription")
    ] = None
    stripe_webhook_secret: Annotated[
        SecretStr | None, Field(description="secret that Stripe signs its webhooks with, whsec_…")
    ] = None

    @property
    def price_on_sale(self) -> str | None:
        """None where Stripe could not tell of a subscription: it would stay pending for ever."""
        return self.stripe_price_id if self.stripe_webhook_secret is not None else None
