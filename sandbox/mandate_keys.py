"""Made-up keys of mandates, in the form of MANDATE_SIGNING_KEYS."""

from base64 import urlsafe_b64encode
from secrets import token_bytes

from pydantic import SecretStr

from gateways.signed_mandates import SignedMandates

VARIABLE = "MANDATE_SIGNING_KEYS"


def made_up() -> str:
    """One key that signs, as `NAME:SEED`."""
    return f"sandbox:{urlsafe_b64encode(token_bytes(32)).rstrip(b'=').decode()}"


def public_only(keys: str) -> str:
    """The same keys for a program that only verifies, as `NAME:pub:KEY`."""
    return SignedMandates(SecretStr(keys)).public_keys()
