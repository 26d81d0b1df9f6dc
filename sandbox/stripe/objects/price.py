"""A price: what a month of the product costs."""

from typing import Any, Literal

from pydantic import Field

from sandbox.stripe.records import Record

MONTHLY_CENTS = 1_200
PRODUCT = "prod_signupassist"


class Price(Record):
    """Amounts in the currency's smallest unit."""

    object: Literal["price"] = "price"
    active: bool = True
    billing_scheme: Literal["per_unit"] = "per_unit"
    currency: str = "usd"
    custom_unit_amount: None = None
    lookup_key: None = None
    metadata: dict[str, str] = Field(default_factory=dict[str, str])
    nickname: str | None = "Premium, monthly"
    product: str = PRODUCT
    recurring: dict[str, Any] = Field(
        default_factory=lambda: {
            "interval": "month",
            "interval_count": 1,
            "meter": None,
            "trial_period_days": None,
            "usage_type": "licensed",
        }
    )
    tax_behavior: str = "unspecified"
    tiers_mode: None = None
    transform_quantity: None = None
    type: Literal["recurring"] = "recurring"
    unit_amount: int = MONTHLY_CENTS
    unit_amount_decimal: str = str(MONTHLY_CENTS)
