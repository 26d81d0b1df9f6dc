"""A payment method: a saved test card."""

from datetime import UTC, datetime
from typing import ClassVar, Literal

from pydantic import Field

from domain.frozen import Frozen
from sandbox.stripe.cards import TestCard, card_called
from sandbox.stripe.objects.decline import card_error
from sandbox.stripe.objects.event import emit
from sandbox.stripe.records import Record, every
from sandbox.stripe.wire.identifiers import new_id, random_text
from sandbox.stripe.wire.refusals import invalid_request, missing
from sandbox.stripe.work import Work


class Checks(Frozen):
    """What the issuer compared when the card was saved."""

    address_line1_check: None = None
    address_postal_code_check: None = None
    cvc_check: str = "pass"


class Networks(Frozen):
    """What the card can be charged through."""

    available: tuple[str, ...]
    preferred: None = None


class ThreeDSecure(Frozen):
    """Whether the cardholder can be asked to approve."""

    supported: bool = True


class Address(Frozen):
    """The simulator's page asks for none."""

    city: None = None
    country: None = None
    line1: None = None
    line2: None = None
    postal_code: None = None
    state: None = None


class BillingDetails(Frozen):
    """The simulator's page asks for none."""

    address: Address = Address()
    email: None = None
    name: None = None
    phone: None = None
    tax_id: None = None


class CardDetails(Frozen):
    """What may be shown of a card."""

    brand: str
    checks: Checks = Checks()
    country: str = "US"
    display_brand: str
    exp_month: int
    exp_year: int
    fingerprint: str
    funding: str = "credit"
    generated_from: None = None
    last4: str
    networks: Networks
    three_d_secure_usage: ThreeDSecure = ThreeDSecure()
    wallet: None = None


class PaymentMethod(Record):
    """A card, attached to a customer or not."""

    hidden: ClassVar = frozenset({"test_card", "set_up", "spent"})

    object: Literal["payment_method"] = "payment_method"
    allow_redisplay: str = "unspecified"
    billing_details: BillingDetails = BillingDetails()
    card: CardDetails
    customer: str | None = None
    metadata: dict[str, str] = Field(default_factory=dict[str, str])
    type: Literal["card"] = "card"
    test_card: str
    """Which test card it is: its name."""
    set_up: bool = False
    """Saved through a SetupIntent, with the cardholder present."""
    spent: bool = False
    """Detached, or used without a customer: it can never be attached again."""

    @property
    def behaviour(self) -> TestCard:
        """The test card behind it."""
        card = card_called(self.test_card)
        if card is None:
            raise LookupError(f"the state file names the unknown test card {self.test_card}")
        return card

    def expired(self, now: int) -> bool:
        """Whether the card's last month lies before that moment."""
        today = datetime.fromtimestamp(now, UTC)
        return (self.card.exp_year, self.card.exp_month) < (today.year, today.month)


def made_of(
    work: Work, card: TestCard, *, exp_month: int | None = None, exp_year: int | None = None
) -> PaymentMethod:
    """A new, unattached payment method of that card; unless told otherwise valid for a year."""
    today = datetime.fromtimestamp(work.now, UTC)
    details = CardDetails(
        brand=card.brand,
        display_brand=card.brand,
        exp_month=exp_month or today.month,
        exp_year=exp_year or today.year + 1,
        fingerprint=f"{card.name[:8]}{random_text(8)}",
        last4=card.number[-4:],
        networks=Networks(available=(card.brand,)),
    )
    return work.save(
        PaymentMethod(id=new_id("pm"), created=work.now, card=details, test_card=card.name)
    )


def usable(work: Work, identifier: str, *, param: str = "payment_method") -> PaymentMethod:
    """The payment method that a parameter names; `pm_card_visa` and the like make a new one.

    Raises:
        Refusal: 400, there is none.
    """
    card = card_called(identifier)
    if card is not None and card.payment_method == identifier:
        return made_of(work, card)
    method = work.find(PaymentMethod, identifier)
    if method is None:
        raise missing("PaymentMethod", identifier, param=param)
    return method


def attach(
    work: Work, method: PaymentMethod, customer_id: str, *, set_up: bool = False
) -> PaymentMethod:
    """Give the card to the customer.

    Raises:
        Refusal: 402, the card declines to be saved; 400, it was detached or is another's.
    """
    if method.spent:
        raise invalid_request(
            "This PaymentMethod was previously used without being attached to a Customer or was"
            " detached from a Customer, and may not be used again."
        )
    if method.customer not in (None, customer_id):
        raise invalid_request("The payment method you provided has already been attached.")
    decline = method.behaviour.attaching
    if decline is not None:
        raise card_error(decline)
    return given_to(work, method, customer_id, set_up=set_up)


def given_to(work: Work, method: PaymentMethod, customer_id: str, *, set_up: bool) -> PaymentMethod:
    """The card as the customer's own, without asking the issuer."""
    changes = {"customer": customer_id, "set_up": set_up or method.set_up}
    method = work.save(method.model_copy(update=changes))
    emit(work, "payment_method.attached", method)
    return method


def detach(work: Work, method: PaymentMethod) -> PaymentMethod:
    """Take the card from its customer, for good."""
    method = work.save(method.model_copy(update={"customer": None, "spent": True}))
    emit(work, "payment_method.detached", method)
    return method


def cards_of(work: Work, customer_id: str) -> list[PaymentMethod]:
    """The customer's cards, oldest first."""
    return every(work.tx, PaymentMethod, {"customer": customer_id})
