"""A folder that keeps backups: on a disk of its own, or one that a network brings."""

import asyncio
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from domain.backup_errors import BackupMisconfigured, BackupMissing, BackupUnavailable


class FolderTarget:
    """The Protocol `gateways.sealed_backups.target`, on this machine.

    Args of construction:
        root: a folder that exists. It is not made here: one that is missing may be a disk that is
            not mounted, and what is kept there must not be taken for gone.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    async def put(self, path: str, content: bytes) -> None:
        await asyncio.to_thread(self._put, path, content)

    async def get(self, path: str) -> bytes:
        return await asyncio.to_thread(self._get, path)

    async def children(self, folder: str) -> tuple[str, ...]:
        return await asyncio.to_thread(self._children, folder)

    async def delete(self, paths: tuple[str, ...]) -> None:
        await asyncio.to_thread(self._delete, paths)

    def _put(self, path: str, content: bytes) -> None:
        self._check_root()
        file = self._root / path
        try:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            half = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
            try:
                with open(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:  # noqa: PTH123 - pathlib cannot create with a mode
                    out.write(content)
                    out.flush()
                    os.fsync(out.fileno())
                half.replace(file)
            finally:
                half.unlink(missing_ok=True)
            _keep_names(file.parent)
        except OSError as failure:
            self._failed(failure)

    def _get(self, path: str) -> bytes:
        self._check_root()
        try:
            return (self._root / path).read_bytes()
        except FileNotFoundError:
            raise BackupMissing(f"{path} is not in the folder of backups.") from None
        except OSError as failure:
            self._failed(failure)

    def _children(self, folder: str) -> tuple[str, ...]:
        self._check_root()
        try:
            found = sorted(entry.name for entry in (self._root / folder).iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except OSError as failure:
            self._failed(failure)
        return tuple(name for name in found if not name.startswith("."))

    def _delete(self, paths: tuple[str, ...]) -> None:
        self._check_root()
        try:
            for path in paths:
                (self._root / path).unlink(missing_ok=True)
        except OSError as failure:
            self._failed(failure)
        for folder in {(self._root / path).parent for path in paths} - {self._root}:
            # A folder that is not empty yet stays.
            with suppress(OSError):
                folder.rmdir()

    def _check_root(self) -> None:
        if not self._root.is_dir():
            raise BackupMisconfigured(
                "BACKUP_TARGET names a folder that is not there. Mount or make it, for the user "
                "that the program runs as."
            )

    def _failed(self, failure: OSError) -> NoReturn:
        if isinstance(failure, PermissionError):
            raise BackupMisconfigured(
                "The folder of BACKUP_TARGET does not belong to the user that the program runs as."
            ) from failure
        raise BackupUnavailable(
            f"The folder of BACKUP_TARGET could not be used ({failure.strerror})."
        ) from failure


def _keep_names(folder: Path) -> None:
    """A file's name is on the disk once its folder is."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
