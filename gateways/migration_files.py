"""The files of migrations: which of them go before a release's programs, and which after.

A file `…_post.sql` contracts: it takes away what only the release before still uses, so it waits
until no program of that release runs. Any other file expands: programs of both releases run on
what it leaves. Files are applied in the order of their versions, whichever they are.
"""

import hashlib
import re
from collections.abc import Collection, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Self

from domain.frozen import Frozen

FILE_NAME = re.compile(r"(?P<version>\d{14})_(?P<name>\w+)\.sql")
POST = "_post"


class MigrationError(Exception):
    """The schema could not be brought up to date. What was applied before stays applied."""


class Migration(Frozen):
    """One file of the migrations folder."""

    version: str
    """Fourteen digits, its time of writing; the order of application."""
    name: str
    sql: bytes

    @property
    def file_name(self) -> str:
        """As it lies in the folder."""
        return f"{self.version}_{self.name}.sql"

    @property
    def sha256(self) -> str:
        """Of the whole file."""
        return hashlib.sha256(self.sql).hexdigest()

    @property
    def contracts(self) -> bool:
        """Whether it waits until no program of the release before runs any more."""
        return self.name.endswith(POST)

    @classmethod
    def read(cls, file: Path) -> Self:
        """The migration in that file.

        Raises:
            MigrationError: the file's name is not `YYYYMMDDHHMMSS_name.sql`.
        """
        parts = FILE_NAME.fullmatch(file.name)
        if parts is None:
            raise MigrationError(
                f"{file.name} is not named like a migration. Call it YYYYMMDDHHMMSS_name.sql."
            )
        return cls(version=parts["version"], name=parts["name"], sql=file.read_bytes())


def read_migrations(folder: Path) -> tuple[Migration, ...]:
    """The folder's migrations, in order.

    Raises:
        MigrationError: a file is misnamed, or two have the same version.
    """
    migrations = tuple(Migration.read(file) for file in sorted(folder.glob("*.sql")))
    for earlier, later in pairwise(migrations):
        if earlier.version == later.version:
            raise MigrationError(
                f"{earlier.file_name} and {later.file_name} have the same version. "
                "Give one of them a later time."
            )
    return migrations


def to_expand(
    migrations: Sequence[Migration], applied: Collection[str], *, unused: bool = False
) -> list[Migration]:
    """What goes before the programs of this release start.

    Args:
        migrations: those of the release, in order.
        applied: versions that the database has.
        unused: whether no program runs on it. Where nothing was ever applied, none does.

    Raises:
        MigrationError: one that contracts comes before another that expands: the release before
            was not finished, and only an operator knows whether it may be now.
    """
    pending = [each for each in migrations if each.version not in applied]
    while pending and pending[-1].contracts:
        pending.pop()
    unfinished = [each.file_name for each in pending if each.contracts]
    if applied and unfinished and not unused:
        raise MigrationError(
            f"The release before was not finished: {', '.join(unfinished)} waited until none older "
            "than it runs. Nothing was applied. When that is so, run `python starter.py deploy "
            "--finish --yes`, then this again; where no program runs at all, `deploy --yes`."
        )
    return pending


def to_contract(migrations: Sequence[Migration], applied: Collection[str]) -> list[Migration]:
    """What goes when no program of the release before runs: up to the first that must go before."""
    pending = [each for each in migrations if each.version not in applied]
    expanding = next((n for n, each in enumerate(pending) if not each.contracts), len(pending))
    return pending[:expanding]
