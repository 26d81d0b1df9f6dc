"""Field keys that only tests know."""

from pydantic import SecretStr

from gateways.sealed_fields import SealedFields
from tests.mandates import seed

FIRST, SECOND = f"first:{seed(21)}", f"second:{seed(22)}"


def fields(*entries: str) -> SealedFields:
    """A program's, which is given those entries as FIELD_KEYS."""
    return SealedFields(SecretStr(",".join(entries)) if entries else None)
