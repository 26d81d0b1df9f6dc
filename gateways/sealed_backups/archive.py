"""The archive: what a source holds, sealed, in a target."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from hashlib import sha256
from typing import TypeVar

from pydantic import SecretStr

from domain.backup_errors import (
    BackupDamaged,
    BackupMisconfigured,
    BackupMissing,
    BackupsNotConfigured,
    BackupUnavailable,
)
from domain.backups import DueBackup, RestoredBackup, StoredBackup, WrittenBackup
from domain.erasures import Erasure
from gateways.protocols.backups import Progress, unwatched
from gateways.sealed_backups import erasure_log
from gateways.sealed_backups.content import CHUNK_BYTES, EMPTY, Packed, Section, packed, sections
from gateways.sealed_backups.keys import BackupKeys, Seal
from gateways.sealed_backups.manifest import Chunk, Header, Manifest, Table
from gateways.sealed_backups.places import (
    MANIFEST,
    VERIFIED,
    chunk_file,
    known_place,
    read_place,
)
from gateways.sealed_backups.restoring import restore_into
from gateways.sealed_backups.snapshot import Snapshot, Source
from gateways.sealed_backups.target import Target

PATIENCE = (1.0, 5.0, 25.0)
"""Seconds between tries of one request to the target. Temporal owns retries, but what it would
repeat is the whole backup: the database's picture cannot be taken up again."""

_Answer = TypeVar("_Answer")


class SealedBackups:
    """The Protocol `gateways.protocols.backups`: encrypted chunks and a signed manifest.

    Args of construction:
        target: where they are kept.
        keys: without them they can be listed and removed, and nothing else.
        source: what they are made of; None for a program that makes none.
        chunk_bytes: of rows in a chunk, before compression, about.
        patience: seconds between tries of one request to the target.
    """

    def __init__(
        self,
        target: Target,
        keys: BackupKeys | None = None,
        source: Source | None = None,
        *,
        chunk_bytes: int = CHUNK_BYTES,
        patience: Sequence[float] = PATIENCE,
    ) -> None:
        self._target = target
        self._keys = keys
        self._source = source
        self._chunk_bytes = chunk_bytes
        self._patience = patience

    async def check(self) -> None:
        await self._from().check()
        self._given()
        await self._target.children("")

    async def write(self, backup: DueBackup, progress: Progress = unwatched) -> WrittenBackup:
        keys, source = self._given(), self._from()
        header = Header.fresh(backup, keys.first)
        seal, chunks = keys.seal(header), list[Chunk]()

        async def keep(content: Packed, *, last: bool) -> None:
            sealed = await asyncio.to_thread(seal.close, len(chunks), content.content, last=last)
            await self._put(chunk_file(header.place, len(chunks)), sealed)
            digest = sha256(sealed).hexdigest()
            chunks.append(Chunk(sha256=digest, size=len(sealed), rows=content.rows))
            progress(len(chunks))

        async with source.snapshot() as snapshot:
            # One is held back: only the last is closed as the last.
            held: Packed | None = None
            async with aclosing(packed(snapshot, self._chunk_bytes)) as contents:
                async for content in contents:
                    if held is not None:
                        await keep(held, last=False)
                    held = content
            await keep(held or EMPTY, last=True)
            manifest = _manifest(header, snapshot, chunks)
        await self._put(f"{header.place}/{MANIFEST}", manifest.signed(seal.sign))
        return manifest.written

    async def verify(
        self, place: str, first: int = 0, progress: Progress = unwatched
    ) -> WrittenBackup:
        try:
            manifest, seal = await self._manifest(place)
            for number in range(first, len(manifest.chunks)):
                await self._sections(manifest, seal, number)
                progress(number + 1)
        except BackupDamaged:
            await self._target.delete((f"{place}/{VERIFIED}",))
            raise
        await self._put(f"{place}/{VERIFIED}", b"whole\n")
        return manifest.written

    async def stored(self) -> tuple[StoredBackup, ...]:
        found: list[StoredBackup] = []
        for schedule in await self._target.children(""):
            for folder in await self._target.children(schedule):
                place = f"{schedule}/{folder}"
                known = read_place(place)
                if known is not None:
                    complete = await self._has(place, MANIFEST)
                    found.append(
                        StoredBackup(
                            place=place,
                            schedule=known.schedule,
                            due_at=known.due_at,
                            complete=complete,
                            verified=complete and await self._has(place, VERIFIED),
                        )
                    )
        return tuple(found)

    async def remove(self, place: str) -> None:
        known_place(place)
        names = await self._target.children(place)
        first = [name for name in (VERIFIED, MANIFEST) if name in names]
        # Without these it is no backup any more, and half of one is not taken for a whole.
        await self._target.delete(tuple(f"{place}/{name}" for name in first))
        await self._target.delete(tuple(f"{place}/{name}" for name in names if name not in first))

    async def log_erasure(self, erasure: Erasure) -> None:
        keys = self._given()
        file = erasure_log.written(erasure, keys.first, keys.witness)
        await self._put(erasure_log.place_of(erasure.user_id), file)

    async def logged_erasures(self) -> tuple[Erasure, ...]:
        keys, found = self._given(), list[Erasure]()
        for name in await self._target.children(erasure_log.FOLDER):
            path = f"{erasure_log.FOLDER}/{name}"
            file = await self._patiently(lambda path=path: self._target.get(path))
            found.append(erasure_log.read(file, name, keys.witness))
        return tuple(found)

    async def restore(
        self, place: str, database_url: SecretStr, progress: Progress = unwatched
    ) -> RestoredBackup:
        manifest, seal = await self._manifest(place)
        erasures = await self.logged_erasures()

        async def every() -> AsyncIterator[Section]:
            for number in range(len(manifest.chunks)):
                for section in await self._sections(manifest, seal, number):
                    yield section
                progress(number + 1)

        return await restore_into(database_url, manifest, every(), erasures)

    async def _has(self, place: str, name: str) -> bool:
        # Asked for by name: what a listing leaves out must not be taken for missing.
        try:
            await self._target.get(f"{place}/{name}")
        except BackupMissing:
            return False
        return True

    async def _manifest(self, place: str) -> tuple[Manifest, Seal]:
        keys = self._given()
        try:
            file = await self._target.get(f"{known_place(place)}/{MANIFEST}")
        except BackupMissing:
            raise BackupMissing(f"There is no backup {place}, or it was never finished.") from None
        manifest = Manifest.read(file, place, lambda header: keys.seal(header).sign)
        return manifest, keys.seal(manifest.header)

    async def _sections(self, manifest: Manifest, seal: Seal, number: int) -> list[Section]:
        """What is in that chunk, once it is sure that it is what was written."""
        place, expected = manifest.header.place, manifest.chunks[number]
        try:
            sealed = await self._patiently(lambda: self._target.get(chunk_file(place, number)))
        except BackupMissing:
            raise BackupDamaged(f"Chunk {number} of {place} is missing.") from None
        if sha256(sealed).hexdigest() != expected.sha256:
            raise BackupDamaged(
                f"Chunk {number} of {place} was altered: its checksum is not the manifest's."
            )
        last = number == len(manifest.chunks) - 1
        content = await asyncio.to_thread(seal.open, number, sealed, last=last)
        found = list(sections(content))
        counted = Counter[str]()
        for section in found:
            counted[section.table] += section.number
        if counted != Counter(expected.rows):
            raise BackupDamaged(f"Chunk {number} of {place} has not the rows that were written.")
        return found

    async def _put(self, path: str, content: bytes) -> None:
        await self._patiently(lambda: self._target.put(path, content))

    async def _patiently(self, ask: Callable[[], Awaitable[_Answer]]) -> _Answer:
        for pause in self._patience:
            try:
                return await ask()
            except BackupMisconfigured:
                raise
            except BackupUnavailable:
                await asyncio.sleep(pause)
        return await ask()

    def _given(self) -> BackupKeys:
        if self._keys is None:
            raise BackupsNotConfigured("BACKUP_KEYS is not set here: no backup can be opened.")
        return self._keys

    def _from(self) -> Source:
        if self._source is None:
            raise BackupsNotConfigured("This program makes no backups.")
        return self._source


def _manifest(header: Header, snapshot: Snapshot, chunks: list[Chunk]) -> Manifest:
    rows = Counter[str]()
    for chunk in chunks:
        rows.update(chunk.rows)
    return Manifest(
        header=header,
        taken_at=snapshot.taken_at,
        migrations=snapshot.migrations,
        tables=tuple(
            Table(name=table.name, columns=table.columns, rows=rows[table.name])
            for table in snapshot.tables
        ),
        chunks=tuple(chunks),
    )
