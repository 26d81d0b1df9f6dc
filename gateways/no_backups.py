"""What stands for the archive in a program that makes no backups."""

from typing import NoReturn

from pydantic import SecretStr

from domain.backup_errors import BackupsNotConfigured
from domain.backups import DueBackup, RestoredBackup, StoredBackup, WrittenBackup
from domain.erasures import Erasure
from gateways.protocols.backups import Progress, unwatched


class NoBackups:
    """Refuses, by saying what is missing: the Protocol `gateways.protocols.backups`."""

    async def check(self) -> None:
        _refuse()

    async def write(self, backup: DueBackup, progress: Progress = unwatched) -> WrittenBackup:
        _refuse(backup, progress)

    async def verify(
        self, place: str, first: int = 0, progress: Progress = unwatched
    ) -> WrittenBackup:
        _refuse(place, first, progress)

    async def stored(self) -> tuple[StoredBackup, ...]:
        _refuse()

    async def remove(self, place: str) -> None:
        _refuse(place)

    async def log_erasure(self, erasure: Erasure) -> None:
        _refuse(erasure)

    async def logged_erasures(self) -> tuple[Erasure, ...]:
        _refuse()

    async def restore(
        self, place: str, database_url: SecretStr, progress: Progress = unwatched
    ) -> RestoredBackup:
        _refuse(place, database_url, progress)


def _refuse(*_asked: object) -> NoReturn:
    raise BackupsNotConfigured(
        "This worker makes no backups: neither BACKUP_KEYS nor BACKUP_TARGET is set where it runs."
    )
