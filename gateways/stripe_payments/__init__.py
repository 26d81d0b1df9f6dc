"""The payment service Stripe, over its own SDK."""

from gateways.stripe_payments.payments import StripePayments

__all__ = ["StripePayments"]
