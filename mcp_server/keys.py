"""The issuer's public keys, fetched without blocking and never asked for in a rush."""

import asyncio
from datetime import timedelta
from time import monotonic
from typing import Any

import httpx
import structlog
from jwt import PyJWK, PyJWKSet
from jwt.exceptions import PyJWTError

REFRESH_FLOOR = timedelta(seconds=30)
"""At most one successful fetch per floor, however many tokens name unknown keys."""

RETRY_FLOOR = timedelta(seconds=2)
"""The pause after a fetch that failed."""

FRESH_FOR = timedelta(minutes=10)
"""After this the keys are fetched again, so that a withdrawn key is dropped."""

BELIEVED_FOR = timedelta(hours=1)
"""An issuer silent for longer is believed no more: then no token is accepted."""

FETCH_WITHIN = timedelta(seconds=3)
"""The whole of it: an issuer may also drip, and whoever has an unknown key waits for this."""

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class SigningKeys:
    """The RS256 keys at one JWKS address, by key id."""

    def __init__(self, url: str, floor: timedelta = REFRESH_FLOOR) -> None:
        self._url = url
        self._floor = floor.total_seconds()
        self._client = httpx.AsyncClient(timeout=FETCH_WITHIN.total_seconds())
        self._refreshing = asyncio.Lock()
        self._keys: dict[str, PyJWK] = {}
        self._fetched_at = float("-inf")
        self._next_fetch = float("-inf")

    async def find(self, key_id: str) -> PyJWK | None:
        """The key, or None when the issuer publishes no such key or cannot be asked."""
        known = key_id in self._keys
        if not known or (self._older_than(FRESH_FOR) and not self._refreshing.locked()):
            await self._refresh()
        return None if self._older_than(BELIEVED_FOR) else self._keys.get(key_id)

    async def aclose(self) -> None:
        """Give back the connections."""
        await self._client.aclose()

    def _older_than(self, age: timedelta) -> bool:
        return monotonic() > self._fetched_at + age.total_seconds()

    async def _refresh(self) -> None:
        async with self._refreshing:
            if monotonic() < self._next_fetch:
                return
            try:
                async with asyncio.timeout(FETCH_WITHIN.total_seconds()):
                    self._keys = await self._fetched()
            except (httpx.HTTPError, TimeoutError, PyJWTError, ValueError, RecursionError) as error:
                self._next_fetch = monotonic() + RETRY_FLOOR.total_seconds()
                _log.warning("issuer_keys_unavailable", error=type(error).__name__)
                return
            self._fetched_at = monotonic()
            self._next_fetch = self._fetched_at + self._floor

    async def _fetched(self) -> dict[str, PyJWK]:
        answer = await self._client.get(self._url)
        answer.raise_for_status()
        body: Any = answer.json()
        if not isinstance(body, dict):
            raise ValueError("not a key set")  # noqa: TRY004 - the issuer's fault, not a caller's
        found = PyJWKSet.from_dict(body)  # pyright: ignore[reportUnknownArgumentType]  # it checks
        return {key.key_id: key for key in found.keys if key.key_id is not None and _signs(key)}


def _signs(key: PyJWK) -> bool:
    """Whether the key is for RS256 signatures: no other kind is ever tried."""
    return (
        key.key_type == "RSA"
        and key.algorithm_name == "RS256"
        and key.public_key_use in {None, "sig"}
    )
