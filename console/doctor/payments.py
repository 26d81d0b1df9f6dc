"""Stripe: is the key one for this place, is it taken, and what may it read."""

from enum import StrEnum
from urllib.parse import urlsplit

from console.doctor.examination import Check
from console.doctor.findings import Finding, NotChecked, failed, passed, some, warned
from console.doctor.patient import Patient, Program
from domain.errors import PaymentMisconfigured
from settings import BookingSettings, PaymentSettings, SettingsError
from subscription_settings import SubscriptionSettings

BOOKEO_ITSELF = "api.bookeo.com"
PROGRAMS = (Program.WORKER, Program.MCP)


class KeyMode(StrEnum):
    """What a key of Stripe's says of itself."""

    LIVE = "live"
    TEST = "test"
    PUBLISHABLE = "publishable"
    UNKNOWN = "unknown"

    @classmethod
    def of(cls, key: str) -> "KeyMode":
        """By how it begins: `sk_live_…`, `rk_test_…`, `pk_…`."""
        match key.split("_"):
            case ["pk", *_]:
                return cls.PUBLISHABLE
            case ["sk" | "rk", ("live" | "test") as mode, *_]:
                return cls(mode)
            case _:
                return cls.UNKNOWN


async def _mode(patient: Patient) -> list[Finding]:
    del patient
    try:
        payment, booking = PaymentSettings.load(), BookingSettings.load()
    except SettingsError:
        raise NotChecked("a variable that it needs is missing or malformed") from None
    mode = KeyMode.of(payment.stripe_secret_key.get_secret_value())
    real = urlsplit(booking.bookeo_api_base).hostname == BOOKEO_ITSELF
    return [_judged(mode, real_bookings=real, stand_in=payment.stripe_api_base is not None)]


def _judged(mode: KeyMode, *, real_bookings: bool, stand_in: bool) -> Finding:
    name = "stripe.mode"
    match mode:
        case KeyMode.PUBLISHABLE:
            return failed(
                name,
                "STRIPE_SECRET_KEY holds a publishable key: no fee can be charged with it.",
                "Give it the secret key, sk_… or rk_….",
            )
        case KeyMode.LIVE if stand_in:
            return failed(
                name,
                "A live key of Stripe's is sent to a stand-in, STRIPE_API_BASE.",
                "Unset STRIPE_API_BASE, or use a test key. Roll the live key: it has been shown.",
            )
        case KeyMode.LIVE if not real_bookings:
            return failed(
                name,
                "The key is live, and the bookings are rehearsed: parents would pay for nothing.",
                "Use a test key with this BOOKEO_API_BASE.",
            )
        case KeyMode.TEST if real_bookings:
            return warned(
                name,
                "The key is a test key, and the bookings are real: no fee is ever paid.",
                "Give STRIPE_SECRET_KEY the live key, unless this is meant.",
            )
        case KeyMode.UNKNOWN:
            return warned(
                name,
                "STRIPE_SECRET_KEY does not begin like a key of Stripe's.",
                "Give it the secret key, sk_… or rk_….",
            )
        case KeyMode.LIVE:
            return passed(name, "The key is live, and so are the bookings.")
        case KeyMode.TEST:
            return passed(name, "The key is a test key, and the bookings are rehearsed.")


async def _key(patient: Patient) -> list[Finding]:
    name = "stripe.key"
    payments = await patient.payments.own()
    try:
        asked = payments.access(subscriptions=_priced())
        withheld = (await patient.answer(asked)).withheld
    except PaymentMisconfigured as refused:
        return [
            failed(
                name,
                f"Stripe refuses our key: {refused}.",
                "Correct STRIPE_SECRET_KEY and restart worker and MCP server; what waits is then "
                "charged by itself.",
            )
        ]
    if withheld:
        return [
            failed(
                name,
                f"Stripe takes our key, and lets it not read {some(withheld)}.",
                "Give the restricted key the rights of Grants in docs/operations.md.",
            )
        ]
    return [passed(name, "Stripe answers, takes our key, and lets it read what it needs.")]


async def _webhook(patient: Patient) -> list[Finding]:
    del patient
    name = "stripe.webhook"
    try:
        told = SubscriptionSettings.load()
    except SettingsError:
        raise NotChecked("a variable that it needs is missing or malformed") from None
    if told.price_on_sale is not None:
        return [passed(name, "Subscriptions are sold, and Stripe's webhooks are taken.")]
    if told.stripe_price_id is None and told.stripe_webhook_secret is None:
        return [
            passed(
                name,
                "No subscription is sold, so no webhook of Stripe's is needed: each run and "
                "sweep-fees ask what became of a payment.",
            )
        ]
    missing = "STRIPE_WEBHOOK_SECRET" if told.stripe_price_id is not None else "STRIPE_PRICE_ID"
    return [
        warned(
            name,
            f"No subscription is sold, because {missing} is not set.",
            "Set it where the MCP server runs: Subscriptions in docs/operations.md.",
        )
    ]


def _priced() -> bool:
    """Whether there is a subscription to be sold."""
    try:
        return SubscriptionSettings.load().stripe_price_id is not None
    except SettingsError:
        return False  # what is missing is said under `variables`


CHECKS = (
    Check("stripe.mode", _mode, "Look at STRIPE_SECRET_KEY.", PROGRAMS),
    Check("stripe.key", _key, "See whether Stripe, or STRIPE_API_BASE, is reached.", PROGRAMS),
    Check("stripe.webhook", _webhook, "Look at STRIPE_PRICE_ID.", (Program.MCP,)),
)
