"""The sandbox's made-up secrets: random, kept in its data folder, read by nobody else."""

import secrets
from pathlib import Path
from typing import Self

import jwt
from pydantic import BaseModel, ConfigDict, Field

from sandbox import mandate_keys
from sandbox.private import write_private


def _named() -> str:
    return f"sandbox:{secrets.token_urlsafe(32)}"


def _random() -> str:
    return secrets.token_urlsafe(24)


class Keys(BaseModel):
    """Every key of one sandbox. Made once, then the same over every restart."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    postgres_superuser: str = Field(default_factory=_random, repr=False)
    """Password of `supabase_admin`, who only bootstraps."""
    postgres_owner: str = Field(default_factory=_random, repr=False)
    """Password of `postgres`, who owns the schema and runs migrations."""
    postgres_authenticator: str = Field(default_factory=_random, repr=False)
    """Password of `authenticator`, as whom the data API logs in."""
    postgres_backup: str = Field(default_factory=_random, repr=False)
    """Password of `signupassist_backup`, as whom the worker reads for a backup."""
    supabase_secret: str = Field(default_factory=lambda: f"sb_secret_{_random()}", repr=False)
    supabase_publishable: str = Field(
        default_factory=lambda: f"sb_publishable_{_random()}", repr=False
    )
    supabase_jwt_secret: str = Field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)
    bookeo_api_key: str = Field(default_factory=_random, repr=False)
    bookeo_second_api_key: str = Field(default_factory=_random, repr=False)
    bookeo_secret_key: str = Field(default_factory=_random, repr=False)
    bookeo_control: str = Field(default_factory=_random, repr=False)
    stripe_secret: str = Field(
        default_factory=lambda: f"sk_test_{secrets.token_hex(24)}", repr=False
    )
    stripe_webhook: str = Field(
        default_factory=lambda: f"whsec_{secrets.token_hex(24)}", repr=False
    )
    stripe_control: str = Field(default_factory=_random, repr=False)
    mandate_signing: str = Field(default_factory=mandate_keys.made_up, repr=False)
    question_sealing: str = Field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    people: str = Field(default_factory=_named, repr=False)
    """One key of FIELD_KEYS, with its name."""
    backup: str = Field(default_factory=mandate_keys.made_up, repr=False)
    """Of backups: the form is the same."""

    def acting_as(self, role: str) -> str:
        """A token as which a program acts under that role of the database, without an end."""
        return jwt.encode({"role": role}, self.supabase_jwt_secret, algorithm="HS256")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The keys kept in the folder, completed with fresh ones where some are missing."""
        file = folder / "keys.json"
        kept = file.read_text() if file.exists() else "{}"
        keys = cls.model_validate_json(kept)
        if (text := keys.model_dump_json(indent=1)) != kept:
            write_private(file, text)
        return keys
