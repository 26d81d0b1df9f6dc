"""Where backups of the database are made, kept, read back and put back."""

from collections.abc import Callable
from typing import Protocol

from pydantic import SecretStr

from domain.backups import DueBackup, RestoredBackup, StoredBackup, WrittenBackup
from domain.erasures import Erasure

Progress = Callable[[int], None]
"""Told how many chunks are done, whenever one is."""


def unwatched(_chunks: int) -> None:
    """For whoever does not care how far it has come."""


class BackupArchive(Protocol):
    """The backups of one installation. Every method raises BackupError and nothing else."""

    async def check(self) -> None:
        """Look whether a backup could be made now: reads nothing of the tables, writes nothing."""
        ...

    async def write(self, backup: DueBackup, progress: Progress = unwatched) -> WrittenBackup:
        """Write one, of one instant, into a folder of its own.

        It cannot be gone on with: the database gives up its picture of that instant with the
        connection, so whoever repeats it writes another.
        """
        ...

    async def verify(
        self, place: str, first: int = 0, progress: Progress = unwatched
    ) -> WrittenBackup:
        """Read it back from that chunk on, decrypt it, count its rows; and mark what was found.

        Raises:
            BackupMissing, BackupKeyUnknown: nothing can be said.
            BackupDamaged: it is not what was written; it is no longer marked as verified.
        """
        ...

    async def stored(self) -> tuple[StoredBackup, ...]:
        """All that the target has: whole, or an error."""
        ...

    async def remove(self, place: str) -> None:
        """Remove it, or what is left of it. Repeatable."""
        ...

    async def log_erasure(self, erasure: Erasure) -> None:
        """Keep a copy of that wish, in place of the one before.

        It outlives the database, so that no backup brings anybody back.
        """
        ...

    async def logged_erasures(self) -> tuple[Erasure, ...]:
        """All copies: whole, or an error.

        Raises:
            BackupKeyUnknown, BackupDamaged: one cannot be read, or nothing vouches for it.
        """
        ...

    async def restore(
        self, place: str, database_url: SecretStr, progress: Progress = unwatched
    ) -> RestoredBackup:
        """Put it into an empty database, all of it or nothing, with bookings paused there.

        Whoever was erased since, by the copies kept here, is erased there too.

        Args:
            place: its folder.
            database_url: as the owner of the schema, to which the same migrations were applied.
            progress: told of chunks.

        Raises:
            RestoreRefused: that database is not empty, or has another schema.
        """
        ...
