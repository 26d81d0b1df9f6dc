"""A PaymentIntent: one payment, over all its attempts."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from sandbox.stripe.records import Record
from sandbox.stripe.wire.refusals import Refusal

Status = Literal[
    "requires_payment_method",
    "requires_confirmation",
    "requires_action",
    "succeeded",
    "canceled",
]


class PaymentIntent(Record):
    """Amounts in the currency's smallest unit."""

    hidden: ClassVar = frozenset({"idempotency_key", "key_expires_at"})

    object: Literal["payment_intent"] = "payment_intent"
    allowed_payment_method_types: tuple[str, ...] | None = None
    amount: int
    amount_capturable: int = 0
    amount_details: dict[str, Any] = Field(default_factory=lambda: {"tip": {}})
    amount_received: int = 0
    application: None = None
    application_fee_amount: None = None
    automatic_payment_methods: dict[str, Any] | None = None
    canceled_at: int | None = None
    cancellation_reason: str | None = None
    capture_method: Literal["automatic", "automatic_async"] = "automatic_async"
    client_secret: str
    confirmation_method: Literal["automatic"] = "automatic"
    currency: str
    customer: str | None = None
    description: str | None = None
    last_payment_error: dict[str, Any] | None = None
    latest_charge: str | None = None
    metadata: dict[str, str] = Field(default_factory=dict[str, str])
    next_action: dict[str, Any] | None = None
    on_behalf_of: None = None
    payment_method: str | None = None
    payment_method_types: tuple[str, ...] = ("card",)
    payment_record: None = None
    processing: None = None
    receipt_email: str | None = None
    review: None = None
    setup_future_usage: str | None = None
    shipping: None = None
    source: None = None
    statement_descriptor: str | None = None
    statement_descriptor_suffix: str | None = None
    status: Status
    transfer_data: None = None
    transfer_group: None = None
    idempotency_key: str | None = None
    """The key it was created under."""
    key_expires_at: int = 0
    """Unix seconds; when that key may be forgotten."""

    @property
    def may_redirect(self) -> bool:
        """Whether it accepts ways to pay that send the payer to another site."""
        automatic = self.automatic_payment_methods
        if automatic is None or self.allowed_payment_method_types == ("card",):
            return False
        return automatic["allow_redirects"] == "always"

    @property
    def settled(self) -> bool:
        """Whether nothing more can happen to it."""
        return self.status in ("succeeded", "canceled")

    def unexpected_state(self, sentence: str) -> Refusal:
        """400: it is in no state to do that."""
        return Refusal(
            400,
            "invalid_request_error",
            sentence,
            code="payment_intent_unexpected_state",
            payment_intent=self.wire(),
        )
