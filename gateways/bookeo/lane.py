"""One warm connection with one whole request prepared: sending it is a single socket write.

A client library spends tenths of a millisecond of CPU on each request, and in the opening second
every registration of the instant wants that same CPU. So everything but the write is done
before: name resolution, TCP, TLS, a harmless request that warms both sides, and the bytes of
the booking itself, made by httpx and h11.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from ssl import SSLContext

import h11
import httpx

from gateways.bookeo.wire import LARGEST_ANSWER, Answer, BookeoTimeouts, NoAnswer, NotSent


class Lane(asyncio.Protocol):
    """A connection of its own for one request. Opened, armed, sent once, closed."""

    def __init__(self, timeouts: BookeoTimeouts, now: Callable[[], datetime]) -> None:
        self._timeouts = timeouts
        self._now = now
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=LARGEST_ANSWER)
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[tuple[h11.Response, bytes]] | None = None
        self._head: h11.Response | None = None
        self._body = bytearray()
        self._prepared = b""

    async def open(self, request: httpx.Request, tls: SSLContext) -> None:
        """Connect to the request's host. `request` is the harmless one, sent to warm up.

        Raises:
            NotSent: the host cannot be reached, or does not keep the connection.
        """
        url = request.url
        secure = url.scheme == "https"
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._timeouts.connect.total_seconds()):
                await loop.create_connection(
                    lambda: self,
                    url.host,
                    url.port or (443 if secure else 80),
                    ssl=tls if secure else None,
                    server_hostname=url.host if secure else None,
                )
                await self._exchange(self._bytes_of(request))
                self._http.start_next_cycle()
        except (OSError, TimeoutError, NoAnswer, h11.ProtocolError) as failure:
            self.close()
            raise NotSent(type(failure).__name__) from None
        except asyncio.CancelledError:
            self.close()
            raise

    def arm(self, request: httpx.Request) -> None:
        """Write down the bytes of the request that will be sent."""
        self._prepared = self._bytes_of(request)

    @property
    def usable(self) -> bool:
        """Whether it is armed and the provider has not closed the idle connection."""
        return bool(self._prepared) and self._open

    async def send(self, on_first_byte: Callable[[datetime], None] | None = None) -> Answer:
        """The one write, and the answer to it.

        Raises:
            NotSent: the connection was closed before; nothing was written.
            NoAnswer: it was written, and no whole answer came.
        """
        if not self.usable:
            raise NotSent("the idle connection was closed")
        prepared, self._prepared = self._prepared, b""
        at, ticks = self._now(), time.perf_counter()
        if on_first_byte is not None:
            on_first_byte(at)
        try:
            async with asyncio.timeout(self._timeouts.total.total_seconds()):
                head, body = await self._exchange(prepared)
        except TimeoutError:
            self.close()
            raise NoAnswer("TimeoutError") from None
        return Answer(
            status=head.status_code,
            headers=httpx.Headers(list(head.headers)),
            body=body,
            first_byte_at=at,
            round_trip=timedelta(seconds=time.perf_counter() - ticks),
        )

    def close(self) -> None:
        """Give the connection back."""
        self._prepared = b""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Of asyncio.Protocol."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - TCP makes no other
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Of asyncio.Protocol: whoever waits learns that no answer comes."""
        self._transport = None
        self._fail(type(exc).__name__ if exc else "closed before the whole answer")

    def data_received(self, data: bytes) -> None:
        """Of asyncio.Protocol."""
        if self._answer is None or self._answer.done():
            # Nobody asked: a server's word before it closes. What follows would be misread.
            self.close()
            return
        try:
            self._http.receive_data(data)
            self._read_events()
        except h11.ProtocolError as broken:
            self._fail(type(broken).__name__)
            self.close()

    def eof_received(self) -> bool:
        """Of asyncio.Protocol: half-closed is closed."""
        self.data_received(b"")
        return False

    @property
    def _open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def _bytes_of(self, request: httpx.Request) -> bytes:
        target = request.url.raw_path.decode("ascii")
        head = h11.Request(method=request.method, target=target, headers=list(request.headers.raw))
        parts = [self._http.send(head)]
        if request.content:
            parts.append(self._http.send(h11.Data(data=request.content)))
        parts.append(self._http.send(h11.EndOfMessage()))
        return b"".join(part for part in parts if part)

    async def _exchange(self, written: bytes) -> tuple[h11.Response, bytes]:
        if self._transport is None:
            raise NoAnswer("no connection")
        self._head, self._body = None, bytearray()
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(written)
        return await self._answer

    def _read_events(self) -> None:
        while True:
            event = self._http.next_event()
            match event:
                case h11.Response():
                    self._head = event
                case h11.Data():
                    self._body += event.data
                    if len(self._body) > LARGEST_ANSWER:
                        self._fail(f"answer over {LARGEST_ANSWER} bytes")
                        self.close()
                        return
                case h11.EndOfMessage():
                    self._done()
                    return
                case h11.NEED_DATA | h11.PAUSED | h11.ConnectionClosed():
                    return
                case _:
                    continue

    def _done(self) -> None:
        if self._answer is not None and not self._answer.done() and self._head is not None:
            self._answer.set_result((self._head, bytes(self._body)))

    def _fail(self, evidence: str) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(NoAnswer(evidence))
