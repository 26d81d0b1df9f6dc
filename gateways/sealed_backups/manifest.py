"""What a backup holds, and the proof that it is that: the file that is written last."""

import secrets
from collections.abc import Callable, Mapping
from typing import Self

from pydantic import Field

from domain.backup_errors import BackupDamaged
from domain.backups import DueBackup, WrittenBackup
from domain.frozen import Frozen, Instant
from gateways.sealed_backups.places import place_of
from gateways.sealed_backups.vouched import canonical, read_vouched, vouched

FORMAT = 1

Sign = Callable[[bytes], str]


class Header(Frozen):
    """What is known of a backup before its first row is read."""

    format: int = FORMAT
    schedule: str
    due_at: Instant
    attempt: str = Field(pattern=r"^[0-9a-f]{8}$")
    """Tells it from what another attempt at the same backup has written."""
    key_name: str
    salt: str = Field(pattern=r"^[0-9a-f]{64}$")

    @classmethod
    def fresh(cls, backup: DueBackup, key_name: str) -> Self:
        """Of an attempt that begins now."""
        return cls(
            schedule=backup.schedule,
            due_at=backup.due_at,
            attempt=secrets.token_hex(4),
            key_name=key_name,
            salt=secrets.token_hex(32),
        )

    @property
    def place(self) -> str:
        """The folder of the backup."""
        return place_of(self.schedule, self.due_at, self.attempt)

    def text(self) -> bytes:
        """The same for the same header, whoever wrote it."""
        return canonical(self)


class Table(Frozen):
    """One table, as it was exported."""

    name: str
    columns: tuple[str, ...]
    rows: int = Field(ge=0)


class Chunk(Frozen):
    """One chunk, as it is kept."""

    sha256: str
    size: int = Field(ge=0)
    rows: Mapping[str, int]
    """How many of each table."""


class Manifest(Frozen):
    """What a backup holds. Names and numbers only: nothing of any row."""

    header: Header
    taken_at: Instant
    migrations: tuple[str, ...]
    """The versions applied to the database, in order."""
    tables: tuple[Table, ...]
    chunks: tuple[Chunk, ...] = Field(min_length=1)

    @property
    def written(self) -> WrittenBackup:
        """The same in short."""
        return WrittenBackup(
            place=self.header.place,
            taken_at=self.taken_at,
            rows=sum(table.rows for table in self.tables),
            size_bytes=sum(chunk.size for chunk in self.chunks),
            chunks=len(self.chunks),
            key_name=self.header.key_name,
        )

    def signed(self, sign: Sign) -> bytes:
        """The file: the manifest on one line, what vouches for it on the next."""
        text = canonical(self)
        return vouched(text, sign(text))

    @classmethod
    def read(cls, file: bytes, place: str, sign_of: Callable[[Header], Sign]) -> Self:
        """The manifest in that file.

        Args:
            file: its bytes.
            place: the folder that it lies in.
            sign_of: what vouches for the backup with that header.

        Raises:
            BackupKeyUnknown: from `sign_of`.
            BackupDamaged: nothing vouches for it, or it lies in another's folder.
        """
        found = read_vouched(cls, file, f"The manifest of {place}")
        manifest = found.value
        if manifest.header.format != FORMAT:
            raise BackupDamaged(
                f"{place} has format {manifest.header.format}; this release reads {FORMAT}."
            )
        found.check(sign_of(manifest.header)(found.text), manifest.header.key_name)
        if manifest.header.place != place:
            raise BackupDamaged(f"What lies in {place} is another backup's.")
        return manifest
