"""A subscription: a price that is billed month after month."""

from calendar import monthrange
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import Field

from sandbox.stripe.objects.event import emit
from sandbox.stripe.objects.price import Price
from sandbox.stripe.records import Record
from sandbox.stripe.wire.identifiers import new_id
from sandbox.stripe.work import Work

LIVE = ("active", "past_due")


class Subscription(Record):
    """Charged automatically, to its own card or else its customer's."""

    object: Literal["subscription"] = "subscription"
    application: None = None
    application_fee_percent: None = None
    automatic_tax: dict[str, Any] = Field(default_factory=lambda: {"enabled": False})
    billing_cycle_anchor: int
    billing_cycle_anchor_config: None = None
    billing_mode: dict[str, Any] = Field(default_factory=lambda: {"type": "classic"})
    billing_schedules: tuple[str, ...] = ()
    billing_thresholds: None = None
    cancel_at: int | None = None
    cancel_at_period_end: bool = False
    canceled_at: int | None = None
    cancellation_details: None = None
    collection_method: Literal["charge_automatically"] = "charge_automatically"
    currency: str
    customer: str
    days_until_due: None = None
    default_payment_method: str | None = None
    default_source: None = None
    default_tax_rates: tuple[str, ...] = ()
    description: str | None = None
    discounts: tuple[str, ...] = ()
    ended_at: int | None = None
    invoice_settings: dict[str, Any] = Field(default_factory=lambda: {"issuer": {"type": "self"}})
    items: dict[str, Any]
    latest_invoice: str | None = None
    metadata: dict[str, str] = Field(default_factory=dict[str, str])
    next_pending_invoice_item_invoice: None = None
    on_behalf_of: None = None
    pause_collection: None = None
    payment_settings: None = None
    pending_invoice_item_interval: None = None
    pending_setup_intent: None = None
    pending_update: None = None
    schedule: None = None
    start_date: int
    status: Literal["active", "past_due", "canceled"] = "active"
    test_clock: None = None
    transfer_data: None = None
    trial_end: None = None
    trial_settings: None = None
    trial_start: None = None

    @property
    def live(self) -> bool:
        """Whether it goes on."""
        return self.status in LIVE

    @property
    def period_end(self) -> int:
        """Unix seconds; when it is billed again, or ends."""
        end: int = self.items["data"][0]["current_period_end"]
        return end

    @property
    def monthly(self) -> int:
        """What a month costs."""
        cents: int = self.items["data"][0]["price"]["unit_amount"]
        return cents


def made(
    work: Work, customer: str, price: Price, card: str, metadata: dict[str, str]
) -> Subscription:
    """A new one, not billed yet."""
    identifier = new_id("sub")
    item: dict[str, Any] = {
        "id": new_id("si"),
        "object": "subscription_item",
        "created": work.now,
        "discounts": [],
        "metadata": {},
        "plan": {"id": price.id, "object": "plan", "active": True},
        "price": price.wire(),
        "quantity": 1,
        "subscription": identifier,
        "tax_rates": [],
        **_period(work.now),
    }
    items: dict[str, Any] = {
        "object": "list",
        "data": [item],
        "has_more": False,
        "url": f"/v1/subscription_items?subscription={identifier}",
    }
    return Subscription(
        id=identifier,
        created=work.now,
        billing_cycle_anchor=work.now,
        currency=price.currency,
        customer=customer,
        default_payment_method=card,
        items=items,
        metadata=metadata,
        start_date=work.now,
    )


def renewed(subscription: Subscription) -> Subscription:
    """In its next period, which begins where the last one ended."""
    item = {**subscription.items["data"][0], **_period(subscription.period_end)}
    return subscription.model_copy(update={"items": {**subscription.items, "data": [item]}})


def changed(work: Work, subscription: Subscription, **changes: object) -> Subscription:
    """With those changes, which are told where there are any."""
    altered = subscription.model_copy(update=changes)
    if altered == subscription:
        return subscription
    work.save(altered)
    emit(work, "customer.subscription.updated", altered)
    return altered


def a_month_after(moment: int) -> int:
    """The same time of day in the next month, on its last day where that day is missing."""
    at = datetime.fromtimestamp(moment, UTC)
    year, month = (at.year + 1, 1) if at.month == 12 else (at.year, at.month + 1)  # noqa: PLR2004 - December
    day = min(at.day, monthrange(year, month)[1])
    return int(at.replace(year=year, month=month, day=day).timestamp())


def _period(start: int) -> dict[str, int]:
    return {"current_period_start": start, "current_period_end": a_month_after(start)}
