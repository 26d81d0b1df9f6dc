"""One account's connections: a request out, a whole answer of bounded size in."""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from ssl import SSLContext
from typing import Any
from urllib.request import getproxies

import httpx
from pydantic import SecretStr

from domain.frozen import Frozen
from gateways.bookeo.answer import LARGEST_ANSWER, Answer, NoAnswer, NotSent
from gateways.bookeo.asked_wait import asked_wait
from gateways.bookeo.budget import Budget
from gateways.bookeo.connections import Connections
from gateways.bookeo.provider_clock import ProviderClock
from gateways.loopback import is_loopback

KEEPALIVE = timedelta(seconds=120)
"""httpx closes idle connections after 5 s by default: too soon between preflight and send."""

AT_ONCE = 20
"""Connections of one account: its pace hardly ever asks for more than a few."""

Query = Mapping[str, str | int | bool]


class BookeoTimeouts(Frozen):
    """How long the provider is waited for."""

    connect: timedelta = timedelta(seconds=5)
    read: timedelta = timedelta(seconds=10)
    """The longest silence."""
    total: timedelta = timedelta(seconds=15)
    """The longest call, however steadily it drips. Below `Timing.quiet_period`."""


class Wire:
    """Speaks HTTP to one account. No retry, no redirect; keys travel in headers only.

    Attributes:
        budget: the account's.
        clock: the host's.
    """

    def __init__(
        self,
        api_base: str,
        *,
        secret_key: SecretStr,
        api_key: SecretStr,
        timeouts: BookeoTimeouts,
        tls: SSLContext,
        transport: httpx.AsyncBaseTransport | None,
        now: Callable[[], datetime],
        clock: ProviderClock,
    ) -> None:
        self._now = now
        self.budget = Budget()
        self.clock = clock
        self.timeouts = timeouts
        self.tls = tls
        self._total = timeouts.total.total_seconds()
        connect, read = timeouts.connect.total_seconds(), timeouts.read.total_seconds()
        base = httpx.URL(api_base)
        proxied = not is_loopback(base.host) and bool(getproxies().keys() & {base.scheme, "all"})
        self._direct = transport is None and not proxied
        self._connections = Connections(
            lambda: httpx.AsyncClient(
                base_url=base,
                headers={
                    "X-Bookeo-secretKey": secret_key.get_secret_value(),
                    "X-Bookeo-apiKey": api_key.get_secret_value(),
                    "Accept": "application/json",
                    # A compressed answer could unfold past the size limit within one chunk.
                    "Accept-Encoding": "identity",
                },
                timeout=httpx.Timeout(connect=connect, read=read, write=read, pool=connect),
                limits=httpx.Limits(
                    max_connections=AT_ONCE,
                    max_keepalive_connections=AT_ONCE,
                    keepalive_expiry=KEEPALIVE.total_seconds(),
                ),
                follow_redirects=False,
                verify=tls,
                transport=transport,
                trust_env=not is_loopback(base.host),
            ),
            AT_ONCE,
            timeouts.connect,
        )

    async def exchange(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: Mapping[str, Any] | None = None,
        on_first_byte: Callable[[datetime], None] | None = None,
        turn: AbstractAsyncContextManager[None] | None = None,
    ) -> Answer:
        """One request, one answer, whatever its status.

        It takes a turn of the account's budget: `turn`, or else one that is waited for as long
        as the call itself may last.

        Raises:
            Throttled: no such turn came; nothing was sent.
            NotSent: connecting failed, or no connection came free.
            NoAnswer: anything else, even unforeseen: the request may have arrived.
        """
        request = self.request(method, path, query=query, body=body)
        async with turn or self.budget.turn(self.timeouts.total):
            answer = await self._answer(request, on_first_byte)
        self.heard(answer)
        return answer

    def heard(self, answer: Answer) -> None:
        """Keep what an answer tells of the host's clock and of the account's limits."""
        self.clock.heard(answer)
        if answer.status == 429:  # noqa: PLR2004 - Too Many Requests
            self.budget.pause(asked_wait(answer))

    async def _answer(
        self, request: httpx.Request, on_first_byte: Callable[[datetime], None] | None
    ) -> Answer:
        start = _Start(self._now, on_first_byte)
        request.extensions["trace"] = start.trace
        try:
            async with asyncio.timeout(self._total), self._connections.one() as http:
                return await self._whole_answer(http, request, start)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as failure:
            raise NotSent(type(failure).__name__) from None
        except NoAnswer:
            raise
        except Exception as failure:  # noqa: BLE001 - whatever it is, bytes may have left
            raise NoAnswer(type(failure).__name__) from None

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> httpx.Request:
        """The whole request, keys included; nothing is sent."""
        return self._connections.http.build_request(method, path, params=query, json=body)

    @property
    def direct(self) -> bool:
        """Whether the host is reached without a proxy or a stand-in transport."""
        return self._direct

    async def _whole_answer(
        self, http: httpx.AsyncClient, request: httpx.Request, start: "_Start"
    ) -> Answer:
        response = await http.send(request, stream=True)
        head_after = start.elapsed
        body = bytearray()
        try:
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > LARGEST_ANSWER:
                    raise NoAnswer(
                        f"status {response.status_code}, answer over {LARGEST_ANSWER} bytes"
                    )
        finally:
            await response.aclose()
        return Answer(
            status=response.status_code,
            headers=response.headers,
            body=bytes(body),
            first_byte_at=start.at,
            head_after=head_after,
            round_trip=start.elapsed,
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._connections.aclose()


class _Start:
    """Notes the instant just before the request is written, through httpx's trace extension."""

    def __init__(
        self, now: Callable[[], datetime], on_first_byte: Callable[[datetime], None] | None
    ) -> None:
        self._now = now
        self._on_first_byte = on_first_byte
        self.at = now()
        self._ticks = time.perf_counter()

    @property
    def elapsed(self) -> timedelta:
        """Since that instant."""
        return timedelta(seconds=time.perf_counter() - self._ticks)

    async def trace(self, event: str, info: Mapping[str, Any]) -> None:
        # A proxy's CONNECT is traced too, and carries nothing of ours.
        if event != "http11.send_request_headers.started" or info["request"].method == b"CONNECT":
            return
        self.at, self._ticks = self._now(), time.perf_counter()
        if self._on_first_byte is not None:
            self._on_first_byte(self.at)


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)
