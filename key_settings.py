"""Keys as the environment gives them: lists of named keys, whole or refused, and never shown."""

import re
from typing import Annotated

from pydantic import AfterValidator, SecretStr
from pydantic_core import PydanticCustomError

_MANDATE_KEY = re.compile(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]{0,39}):(?P<public>pub:)?[A-Za-z0-9_-]{43}=?"
)


def _mandate_keys(secret: SecretStr) -> SecretStr:
    names: set[str] = set()
    for place, entry in enumerate(secret.get_secret_value().split(","), start=1):
        found = _MANDATE_KEY.fullmatch(entry.strip())
        if found is None:
            raise PydanticCustomError(
                "mandate_keys",
                "key {place} is neither NAME:SEED nor NAME:pub:KEY of 32 bytes in base64url",
                {"place": place},
            )
        if found["name"] in names:
            raise PydanticCustomError(
                "mandate_keys", "two keys are named {name}", {"name": found["name"]}
            )
        names.add(found["name"])
    return secret


def first_signs(secret: SecretStr) -> SecretStr:
    """Refuse keys of which the first only verifies."""
    first = _MANDATE_KEY.fullmatch(secret.get_secret_value().split(",")[0].strip())
    if first is not None and first["public"]:
        raise PydanticCustomError(
            "mandate_keys", "the first key must be one to sign with, NAME:SEED"
        )
    return secret


MandateKeys = Annotated[SecretStr, AfterValidator(_mandate_keys)]
"""`NAME:SEED` and `NAME:pub:KEY`, separated by commas: the first signs, all verify."""
