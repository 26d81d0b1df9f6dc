"""Whether a webhook comes from Stripe, and is fresh."""

import re
from datetime import UTC, datetime, timedelta

import stripe
from pydantic import SecretStr

REPLAY_WINDOW = timedelta(minutes=5)
"""Either way: a message older than this, or from so far ahead, is not believed."""

_STAMP = re.compile(r"(?:^|,)t=([0-9]{1,11})(?=,|$)")


class StripeSignature:
    """Stripe's rule, as its own SDK checks it: HMAC-SHA256 over timestamp and raw body.

    While a secret is rolled Stripe signs with both, so one secret is enough here.
    """

    def __init__(self, secret: SecretStr) -> None:
        self._secret = secret

    def holds(self, header: str, body: bytes) -> bool:
        """Whether Stripe signed exactly this, at the time that the header says."""
        try:
            stripe.WebhookSignature.verify_header(  # pyright: ignore[reportUnknownMemberType]  # the SDK leaves `tolerance` untyped
                body, header, self._secret.get_secret_value()
            )
        except (stripe.SignatureVerificationError, ValueError, TypeError):
            # Signs that no signature has, or a body that is no text, meet Python's own errors.
            return False
        return True

    def fresh(self, header: str, now: datetime) -> bool:
        """Whether it was signed just now. The SDK believes what comes from the future."""
        stamps = _STAMP.findall(header)
        if len(stamps) != 1:
            return False
        return abs(now - datetime.fromtimestamp(int(stamps[0]), UTC)) <= REPLAY_WINDOW
