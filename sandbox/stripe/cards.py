"""Stripe's test cards: which number behaves how. Source: Stripe's page on testing."""

from typing import Literal

from domain.frozen import Frozen


class Decline(Frozen):
    """How the issuer says no."""

    code: str
    decline_code: str
    message: str


GENERIC = Decline(
    code="card_declined", decline_code="generic_decline", message="Your card was declined."
)
INSUFFICIENT_FUNDS = Decline(
    code="card_declined",
    decline_code="insufficient_funds",
    message="Your card has insufficient funds.",
)
LOST = Decline(code="card_declined", decline_code="lost_card", message="Your card was declined.")
EXPIRED = Decline(
    code="expired_card", decline_code="expired_card", message="Your card has expired."
)
PROCESSING_ERROR = Decline(
    code="processing_error",
    decline_code="processing_error",
    message="An error occurred while processing your card. Try again in a little bit.",
)
AUTHENTICATION_REQUIRED = Decline(
    code="authentication_required",
    decline_code="authentication_required",
    message="Your card was declined. This transaction requires authentication.",
)


class TestCard(Frozen):
    """One card."""

    __test__ = False
    """pytest is not to collect it."""

    name: str
    """What the simulator calls it: on the hosted page and in control calls."""
    label: str
    """What a person reads on the hosted page."""
    number: str
    payment_method: str
    """Stripe's ready-made payment method: each use of this id makes a new payment method."""
    brand: str = "visa"
    attaching: Decline | None = None
    """How saving the card is declined; None: it can be saved."""
    charging: Decline | None = None
    """How a charge is declined, authenticated or not; None: charges succeed."""
    authentication: Literal["never", "unless_set_up", "always"] = "never"
    """When the bank wants the cardholder: `unless_set_up` spares off-session payments with a
    card that was saved through a SetupIntent."""


CARDS: tuple[TestCard, ...] = (
    TestCard(
        name="success",
        label="Visa: every payment succeeds",
        number="4242424242424242",
        payment_method="pm_card_visa",
    ),
    TestCard(
        name="mastercard",
        label="Mastercard: every payment succeeds",
        number="5555555555554444",
        payment_method="pm_card_mastercard",
        brand="mastercard",
    ),
    TestCard(
        name="declined_when_charged",
        label="Saved without trouble, declined when charged",
        number="4000000000000341",
        payment_method="pm_card_chargeCustomerFail",
        charging=GENERIC,
    ),
    TestCard(
        name="insufficient_funds",
        label="Saved without trouble, insufficient funds when charged",
        number="4000008260003178",
        payment_method="pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
        charging=INSUFFICIENT_FUNDS,
        authentication="unless_set_up",
    ),
    TestCard(
        name="authentication_required",
        label="The bank asks you to approve every payment",
        number="4000002760003184",
        payment_method="pm_card_authenticationRequired",
        authentication="always",
    ),
    TestCard(
        name="authentication_unless_set_up",
        label="The bank asks you to approve payments, unless the card was saved first",
        number="4000002500003155",
        payment_method="pm_card_authenticationRequiredOnSetup",
        authentication="unless_set_up",
    ),
    TestCard(
        name="declined",
        label="Declined at once",
        number="4000000000000002",
        payment_method="pm_card_visa_chargeDeclined",
        attaching=GENERIC,
        charging=GENERIC,
    ),
    TestCard(
        name="declined_insufficient_funds",
        label="Declined at once: insufficient funds",
        number="4000000000009995",
        payment_method="pm_card_visa_chargeDeclinedInsufficientFunds",
        attaching=INSUFFICIENT_FUNDS,
        charging=INSUFFICIENT_FUNDS,
    ),
    TestCard(
        name="declined_lost",
        label="Declined at once: lost card",
        number="4000000000009987",
        payment_method="pm_card_visa_chargeDeclinedLostCard",
        attaching=LOST,
        charging=LOST,
    ),
    TestCard(
        name="declined_expired",
        label="Declined at once: expired card",
        number="4000000000000069",
        payment_method="pm_card_chargeDeclinedExpiredCard",
        attaching=EXPIRED,
        charging=EXPIRED,
    ),
    TestCard(
        name="declined_processing_error",
        label="Declined at once: processing error",
        number="4000000000000119",
        payment_method="pm_card_chargeDeclinedProcessingError",
        attaching=PROCESSING_ERROR,
        charging=PROCESSING_ERROR,
    ),
)


def card_called(name: str) -> TestCard | None:
    """The card of that name, number (spaces allowed) or ready-made payment method."""
    plain = name.replace(" ", "")
    for card in CARDS:
        if plain in (card.name, card.number, card.payment_method):
            return card
    return None
