"""What a program must be told to make backups of the database, or to open them."""

import os
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from address_settings import HttpAddress
from key_settings import BackupKeys
from settings import Settings

FOLDER, BUCKET = "folder:", "supabase:"


class BackupSettings(Settings):
    """Where backups are kept: enough to list and to remove them."""

    backup_target: Annotated[
        str,
        Field(
            pattern=r"^(folder:/.*|supabase:[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*)$",
            description="where backups are kept: folder:/PATH, or supabase:BUCKET",
        ),
    ]
    supabase_url: Annotated[
        HttpAddress | None, Field(description="address of the Supabase project")
    ] = None
    supabase_service_role_key: Annotated[
        SecretStr | None, Field(description="key with which the program calls the database")
    ] = None
    backup_storage_url: Annotated[
        HttpAddress | None,
        Field(
            validate_default=True,
            description="address of the Supabase project whose Storage keeps backups, where it is "
            "another than SUPABASE_URL",
        ),
    ] = None

    # Last, because its validator looks at the others.
    backup_storage_key: Annotated[
        SecretStr | None,
        Field(
            validate_default=True,
            description="secret key (sb_secret_…) of the project whose Storage keeps backups",
        ),
    ] = None

    @field_validator("backup_storage_url")
    @classmethod
    def _somewhere(cls, url: str | None, info: ValidationInfo) -> str | None:
        if url is None and _in_a_bucket(info) and info.data.get("supabase_url") is None:
            raise PydanticCustomError("missing", "no project is named")
        return url

    @field_validator("backup_storage_key")
    @classmethod
    def _let_in(cls, key: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        known = info.data.get("supabase_service_role_key")
        if key is None and _in_a_bucket(info) and known is None:
            raise PydanticCustomError("missing", "no key is given")
        return key

    @property
    def folder(self) -> Path | None:
        """The folder, where it is one."""
        if not self.backup_target.startswith(FOLDER):
            return None
        return Path(self.backup_target.removeprefix(FOLDER))

    @property
    def bucket(self) -> str:
        """The bucket and the folder in it, where it is no folder of this machine."""
        return self.backup_target.removeprefix(BUCKET)

    @property
    def storage_url(self) -> str:
        """Of the bucket's project."""
        return self.backup_storage_url or self.supabase_url or ""

    @property
    def storage_key(self) -> SecretStr:
        """Of the bucket's project."""
        return self.backup_storage_key or self.supabase_service_role_key or SecretStr("")


class OpeningSettings(BackupSettings):
    """The same, for whoever opens them too."""

    backup_keys: Annotated[
        BackupKeys,
        Field(description="keys of backups, NAME:KEY; the first encrypts, all decrypt"),
    ]


class MakingSettings(OpeningSettings):
    """The same, for whoever makes them, or puts them back."""

    database_url: Annotated[
        SecretStr,
        Field(
            min_length=1,
            description="Postgres itself: as signupassist_backup to make backups, as the owner of "
            "an empty database to put one back",
        ),
    ]

    @classmethod
    def load_if_given(cls) -> Self | None:
        """Read the environment; None where it says nothing about backups.

        Raises:
            SettingsError: it says something, and not all, or something malformed.
        """
        given = os.environ.get("BACKUP_KEYS") or os.environ.get("BACKUP_TARGET")
        return cls.load() if given else None


def forget_backups() -> None:
    """Take out of this process's environment what is for making backups alone."""
    for name in ("DATABASE_URL", *(one for one in os.environ if one.startswith("BACKUP_"))):
        os.environ.pop(name, None)


def _in_a_bucket(info: ValidationInfo) -> bool:
    return str(info.data.get("backup_target", "")).startswith(BUCKET)
