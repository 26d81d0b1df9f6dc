"""Made-up keys of mandates, in the form of MANDATE_SIGNING_KEYS."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from secrets import token_bytes

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

VARIABLE = "MANDATE_SIGNING_KEYS"


def made_up() -> str:
    """One key that signs, as `NAME:SEED`."""
    return f"sandbox:{_text(token_bytes(32))}"


def public_only(keys: str) -> str:
    """The same keys for a program that only verifies, as `NAME:pub:KEY`."""
    return ",".join(_public(entry.strip()) for entry in keys.split(","))


def _public(entry: str) -> str:
    name, _, seed = entry.partition(":")
    if seed.startswith("pub:"):
        return entry
    key = Ed25519PrivateKey.from_private_bytes(urlsafe_b64decode(seed.rstrip("=") + "="))
    return f"{name}:pub:{_text(key.public_key().public_bytes_raw())}"


def _text(key: bytes) -> str:
    return urlsafe_b64encode(key).rstrip(b"=").decode()
