"""The secret key that every API call brings."""

import base64
import binascii
import hmac

from sandbox.stripe.wire.refusals import Refusal


def check(authorization: str, secret_key: str) -> None:
    """Compare the header's key, bearer or basic, with ours.

    Raises:
        Refusal: 401. The given key is not repeated in the message.
    """
    given = _given(authorization)
    if not given:
        raise Refusal(
            401,
            "invalid_request_error",
            "You did not provide an API key. Provide it in the Authorization header, using"
            " Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
        )
    if not hmac.compare_digest(given.encode(), secret_key.encode()):
        raise Refusal(401, "invalid_request_error", "Invalid API Key provided.")


def _given(authorization: str) -> str:
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(credentials, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return ""
