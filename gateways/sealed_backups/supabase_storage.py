"""A bucket of Supabase Storage that keeps backups."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx
from pydantic import SecretStr
from storage3 import AsyncStorageClient
from storage3.exceptions import StorageApiError

from domain.backup_errors import BackupMisconfigured, BackupMissing, BackupUnavailable
from gateways.loopback import is_loopback
from gateways.shared_tls import shared_tls

TIMEOUT = httpx.Timeout(120, connect=10)
"""Seconds. A chunk is a few megabytes, and the way there may be slow."""

PAGE = 1_000
"""Names in one answer: as many as Storage gives."""

_NOT_FOUND = {"404", "not_found", "NoSuchKey"}
_REFUSED = {"400", "401", "403"}


class StorageTarget:
    """The Protocol `gateways.sealed_backups.target`, at Supabase.

    Args of construction:
        url: of the project; best another than the one that is backed up.
        key: a secret key of that project.
        bucket: its name, and after a slash a folder in it. It must exist, and be private.
        transport: in place of the network, for tests.
    """

    def __init__(
        self,
        url: str,
        key: SecretStr,
        bucket: str,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._http = httpx.AsyncClient(
            verify=shared_tls(),
            timeout=TIMEOUT,
            transport=transport,
            trust_env=not is_loopback(httpx.URL(url).host),
        )
        name, _, self._prefix = bucket.partition("/")
        secret = key.get_secret_value()
        headers = {"apikey": secret, "Authorization": f"Bearer {secret}"}
        storage = AsyncStorageClient(f"{url}/storage/v1/", headers, http_client=self._http)
        self._bucket = storage.from_(name)

    async def aclose(self) -> None:
        """Give back the connections."""
        await self._http.aclose()

    async def put(self, path: str, content: bytes) -> None:
        async with _translating():
            await self._bucket.upload(
                self._path(path),
                content,
                {"content-type": "application/octet-stream", "upsert": "true"},
            )

    async def get(self, path: str) -> bytes:
        async with _translating():
            return await self._bucket.download(self._path(path))

    async def children(self, folder: str) -> tuple[str, ...]:
        names: list[str] = []
        async with _translating():
            while True:
                page = await self._bucket.list(
                    self._path(folder), {"limit": PAGE, "offset": len(names)}
                )
                names += [str(entry["name"]) for entry in page]
                if len(page) < PAGE:
                    return tuple(names)

    async def delete(self, paths: tuple[str, ...]) -> None:
        async with _translating():
            for first in range(0, len(paths), PAGE):
                some = paths[first : first + PAGE]
                await self._bucket.remove([self._path(path) for path in some])

    def _path(self, path: str) -> str:
        return "/".join(part for part in (self._prefix, path) if part)


@asynccontextmanager
async def _translating() -> AsyncGenerator[None]:
    """What goes wrong, as one of our errors.

    Raises:
        BackupMissing, BackupMisconfigured, BackupUnavailable: as Storage answers. Nothing is
            chained: what was answered may quote what was asked.
    """
    try:
        yield
    except StorageApiError as refused:
        said = {str(refused.status), str(refused.code)}
        if said & _NOT_FOUND:
            raise BackupMissing("Storage has no such file, or no such bucket.") from None
        if said & _REFUSED:
            raise BackupMisconfigured(
                f"Storage refuses us (status {refused.status}). Does the bucket of BACKUP_TARGET "
                "exist, and is BACKUP_STORAGE_KEY a secret key of that project?"
            ) from None
        raise BackupUnavailable(f"Storage answered {refused.status}.") from None
    except httpx.HTTPError as broken:
        raise BackupUnavailable(f"Storage gave no answer ({type(broken).__name__}).") from None
    except (KeyError, TypeError, ValueError) as unreadable:
        raise BackupUnavailable(
            f"Storage gave an answer that could not be read ({type(unreadable).__name__})."
        ) from None
