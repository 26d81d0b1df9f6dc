"""Backups in tests: keys that only they know, a database of a few rows, a target that fails."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from pydantic import SecretStr

from domain.backup_errors import BackupError
from domain.backups import DueBackup
from gateways.fakes.script import Script, Turn
from gateways.no_backups import NoBackups
from gateways.sealed_backups import BackupKeys, FolderTarget, SealedBackups
from gateways.sealed_backups.snapshot import Snapshot, TableShape
from gateways.sealed_backups.target import Target
from tests.mandates import seed

OLD, NEW = f"old:{seed(21)}", f"new:{seed(22)}"
NIGHT = datetime(2026, 12, 1, 3, tzinfo=UTC)
MARK = "Mia Lind"
"""A child's name, which nobody may find in what is kept."""


def backup_keys(*entries: str) -> BackupKeys:
    """The entries as BACKUP_KEYS gives them."""
    return BackupKeys(SecretStr(",".join(entries)))


def due(schedule: str = "nightly", due_at: datetime = NIGHT) -> DueBackup:
    """A backup that is due and that nobody knows yet."""
    return DueBackup(backup_id=uuid4(), schedule=schedule, due_at=due_at)


@dataclass
class FewRows:
    """A database whose rows are given, as `COPY` writes them."""

    children: Sequence[str] = (f"1\t{MARK}", "2\tA line\\nand a tab\\t", "3\t\\N", "4\t\\\\.")
    chapters: Sequence[str] = ()
    taken_at: datetime = NIGHT
    migrations: tuple[str, ...] = ("20261101000100",)
    failure: BackupError | None = None
    """What reading the rows ends in."""
    fails_after: int = 1
    """So many rows of a table."""
    snapshots: int = 0

    @property
    def tables(self) -> tuple[TableShape, ...]:
        return (TableShape("chapters", ("id",)), TableShape("children", ("id", "name")))

    async def rows(self, table: TableShape) -> AsyncGenerator[bytes]:
        own = self.children if table.name == "children" else self.chapters
        for place, row in enumerate(own):
            if self.failure is not None and place == self.fails_after:
                raise self.failure
            yield f"{row}\n".encode()

    async def check(self) -> None:
        if self.failure is not None:
            raise self.failure

    @asynccontextmanager
    async def snapshot(self) -> AsyncGenerator[Snapshot]:
        self.snapshots += 1
        yield self


@dataclass
class ShakyTarget:
    """A target that does what its script says instead of answering."""

    within: Target
    script: Script = field(default_factory=Script)
    asked: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    async def put(self, path: str, content: bytes) -> None:
        turn = self._asked("put", path)
        await turn.before()
        await self.within.put(path, content)
        await turn.after()

    async def get(self, path: str) -> bytes:
        await self._asked("get", path).before()
        return await self.within.get(path)

    async def children(self, folder: str) -> tuple[str, ...]:
        await self._asked("children", folder).before()
        return await self.within.children(folder)

    async def delete(self, paths: tuple[str, ...]) -> None:
        await self._asked("delete", " ".join(paths)).before()
        await self.within.delete(paths)

    def _asked(self, what: str, path: str) -> Turn:
        self.asked.append((what, path))
        return self.script.take(what)


@dataclass
class Vault:
    """An archive in a folder, and all that it is made of."""

    folder: Path
    source: FewRows
    target: ShakyTarget
    archive: SealedBackups

    def files(self) -> dict[str, bytes]:
        """Everything that is kept."""
        found = sorted(file for file in self.folder.rglob("*") if file.is_file())
        return {str(file.relative_to(self.folder)): file.read_bytes() for file in found}


def vault(folder: Path, source: FewRows | None = None, keys: BackupKeys | None = None) -> Vault:
    """One over that folder: a chunk holds a row or two, and nothing waits to be tried again."""
    source, target = source or FewRows(), ShakyTarget(FolderTarget(folder))
    archive = SealedBackups(
        target, keys or backup_keys(NEW), source, chunk_bytes=20, patience=(0.0, 0.0, 0.0)
    )
    return Vault(folder, source, target, archive)


class Healthy(NoBackups):
    """An archive of which nothing is asked but whether it is in order."""

    failure: BackupError | None = None

    async def check(self) -> None:
        if self.failure is not None:
            raise self.failure
