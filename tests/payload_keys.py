"""Payload keys that only tests know."""

from pydantic import SecretStr

from tests.mandates import seed


def payload_keys(*entries: str) -> SecretStr:
    """The entries as PAYLOAD_KEYS gives them."""
    return SecretStr(",".join(entries))


OLD, NEW = f"old:{seed(11)}", f"new:{seed(12)}"
KEYS = payload_keys(NEW, OLD)
