"""One connection of its own with one whole request prepared: sending it is a single socket write.

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
from typing import Any, cast

import h11
import httpx

from gateways.bookeo.answer import LARGEST_ANSWER, Answer, NoAnswer, NotSent
from gateways.bookeo.wire import BookeoTimeouts

HTTP_1 = "http/1.1"


class Lane(asyncio.Protocol):
    """A connection of its own for one request. Opened, perhaps warmed, armed, sent, closed."""

    def __init__(self, timeouts: BookeoTimeouts, now: Callable[[], datetime]) -> None:
        self._connect_s = timeouts.connect.total_seconds()
        self._total_s = timeouts.total.total_seconds()
        self._now = now
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=LARGEST_ANSWER)
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[h11.Response] | None = None
        self._head: h11.Response | None = None
        self._body = bytearray()
        self._prepared = b""
        self._at: datetime
        self._ticks = self._head_ticks = 0.0

    async def open(self, url: httpx.URL, tls: SSLContext) -> None:
        """Connect to the URL's host, TLS included.

        Raises:
            NotSent: the host cannot be reached, or insists on another protocol.
        """
        secure = url.scheme == "https"
        if secure:
            # As httpx does before each connection, for a context may be shared.
            tls.set_alpn_protocols([HTTP_1])
        try:
            async with asyncio.timeout(self._connect_s):
                await asyncio.get_running_loop().create_connection(
                    lambda: self,
                    url.host,
                    url.port or (443 if secure else 80),
                    ssl=tls if secure else None,
                    server_hostname=url.host if secure else None,
                )
        except (OSError, TimeoutError) as failure:
            self.close()
            raise NotSent(type(failure).__name__) from None
        except asyncio.CancelledError:
            self.close()
            raise
        agreed = self.connection_info("ssl_object")
        if agreed is not None and agreed.selected_alpn_protocol() not in (None, HTTP_1):
            self.close()
            raise NotSent("the host speaks another protocol than HTTP/1.1")

    async def warm(self, request: httpx.Request) -> Answer:
        """Send a harmless request over it, before anything else, and read its answer.

        Raises:
            NotSent: the host does not answer, or does not keep the connection.
        """
        prepared = self._bytes_of(request)
        try:
            self._write(prepared)
            answer = await self._whole_answer(self._connect_s)
            self._http.start_next_cycle()
        except (NoAnswer, h11.ProtocolError) as failure:
            self.close()
            raise NotSent(type(failure).__name__) from None
        except asyncio.CancelledError:
            self.close()
            raise
        return answer

    def arm(self, request: httpx.Request) -> None:
        """Write down the bytes of the request that will be sent."""
        self._prepared = self._bytes_of(request)

    @property
    def usable(self) -> bool:
        """Whether it is armed and the provider has not closed the idle connection."""
        return bool(self._prepared) and self._open

    def fire(self, on_first_byte: Callable[[datetime], None] | None = None) -> None:
        """The one write. `answer` follows in the same breath.

        Raises:
            NotSent: the connection was closed before; nothing was written.
        """
        if not self.usable:
            raise NotSent("the idle connection was closed")
        prepared, self._prepared = self._prepared, b""
        self._write(prepared, on_first_byte)

    async def answer(self) -> Answer:
        """What came back.

        Raises:
            NoAnswer: no whole answer came.
        """
        return await self._whole_answer(self._total_s)

    def close(self) -> None:
        """Give the connection back."""
        self._prepared = b""
        if self._transport is not None:
            self._transport.abort()

    def connection_info(self, name: str) -> Any:
        """What the transport knows about itself: `socket`, `ssl_object` ..."""
        return None if self._transport is None else self._transport.get_extra_info(name)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Of asyncio.Protocol."""
        # uvloop's transports have the methods, not the base class.
        self._transport = cast("asyncio.Transport", transport)

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

    def _write(
        self, prepared: bytes, on_first_byte: Callable[[datetime], None] | None = None
    ) -> None:
        if self._transport is None:
            raise NoAnswer("no connection")
        self._at, self._ticks = self._now(), time.perf_counter()
        if on_first_byte is not None:
            on_first_byte(self._at)
        self._transport.write(prepared)
        # Everything else comes after the write: no answer arrives before the loop's next turn.
        self._head, self._body = None, bytearray()
        self._answer = asyncio.get_running_loop().create_future()

    async def _whole_answer(self, within_s: float) -> Answer:
        assert self._answer is not None  # noqa: S101 - something was written
        limit = asyncio.get_running_loop().call_later(within_s, self._give_up)
        try:
            head = await self._answer
        finally:
            limit.cancel()
        return Answer(
            status=head.status_code,
            headers=httpx.Headers(list(head.headers)),
            body=bytes(self._body),
            first_byte_at=self._at,
            head_after=timedelta(seconds=self._head_ticks - self._ticks),
            round_trip=timedelta(seconds=time.perf_counter() - self._ticks),
        )

    def _give_up(self) -> None:
        self._fail("TimeoutError")
        self.close()

    def _read_events(self) -> None:
        while True:
            event = self._http.next_event()
            match event:
                case h11.Response():
                    self._head, self._head_ticks = event, time.perf_counter()
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
            self._answer.set_result(self._head)

    def _fail(self, evidence: str) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(NoAnswer(evidence))
