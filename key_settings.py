"""Keys as the environment gives them: lists of named keys, whole or refused, and never shown."""

import re
from typing import Annotated

import jwt
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


_NAMED_KEY = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]{0,39}):[A-Za-z0-9_-]{43}=?")


def _named_keys(secret: SecretStr) -> SecretStr:
    entries = [entry.strip() for entry in secret.get_secret_value().split(",")]
    names: list[str] = []
    reasons: list[str] = []
    for place, entry in enumerate(entries, start=1):
        found = _NAMED_KEY.fullmatch(entry)
        if found is not None:
            names.append(found["name"])
        elif (place, entry) != (1, "plain"):
            reasons.append(f"entry {place} is not NAME:KEY with a key of 32 bytes in base64url")
    twice = sorted({name for name in names if names.count(name) > 1})
    reasons += [f"two keys are named {name}" for name in twice]
    if entries == ["plain"]:
        reasons.append("no key follows plain")
    if reasons:
        raise PydanticCustomError("named_keys", "{reasons}", {"reasons": "; ".join(reasons)})
    return secret


_QUESTION_KEY = re.compile(r"[A-Za-z0-9_-]{43}=?")


def _question_keys(secret: SecretStr) -> SecretStr:
    entries = [entry.strip() for entry in secret.get_secret_value().split(",")]
    reasons = [
        f"entry {place} is not a key of 32 bytes in base64url"
        for place, entry in enumerate(entries, start=1)
        if not _QUESTION_KEY.fullmatch(entry)
    ]
    if len({entry.rstrip("=") for entry in entries}) < len(entries):
        reasons.append("a key is there twice")
    if reasons:
        raise PydanticCustomError("question_keys", "{reasons}", {"reasons": "; ".join(reasons)})
    return secret


MandateKeys = Annotated[SecretStr, AfterValidator(_mandate_keys)]
"""`NAME:SEED` and `NAME:pub:KEY`, separated by commas: the first signs, all verify."""

EncryptionKeys = Annotated[SecretStr, AfterValidator(_named_keys)]
"""`NAME:KEY`, separated by commas: the first encrypts, all decrypt. `plain` in the first place:
nothing is encrypted, and what is can be read."""

QuestionKeys = Annotated[SecretStr, AfterValidator(_question_keys)]
"""`KEY`, separated by commas: the first seals, all open."""

SERVICE_ROLE = "service_role"
"""The database's role of an operator, and of a program whose project signs no tokens of ours."""

PROJECTS_OWN = {SERVICE_ROLE, "anon"}
"""Roles whose tokens a Supabase project takes as an API key by themselves."""


def role_of(key: SecretStr) -> str:
    """The role that a key of the database says it acts as; unverified."""
    try:
        claims = jwt.decode(key.get_secret_value(), options={"verify_signature": False})
    except jwt.InvalidTokenError:
        return SERVICE_ROLE  # sb_secret_… is no token
    return str(claims.get("role", "anon"))


def _never_plain(secret: SecretStr) -> SecretStr:
    if secret.get_secret_value().split(",")[0].strip() == "plain":
        raise PydanticCustomError("backup_keys", "a backup is always encrypted, never plain")
    return secret


BackupKeys = Annotated[SecretStr, AfterValidator(_named_keys), AfterValidator(_never_plain)]
"""`NAME:KEY`, separated by commas: the first encrypts, all decrypt."""
