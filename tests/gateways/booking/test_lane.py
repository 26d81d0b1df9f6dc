"""The lane itself, against servers that misbehave and over TLS."""

import asyncio
import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from gateways.bookeo.answer import Answer, NoAnswer, NotSent
from gateways.bookeo.lane import Lane
from gateways.bookeo.wire import BookeoTimeouts
from tests.gateways.booking.lane_servers import OK, certificate_in, request_on, serving

QUICK = BookeoTimeouts(
    connect=timedelta(seconds=2), read=timedelta(seconds=1), total=timedelta(seconds=1)
)


async def _opened(base: str, tls: ssl.SSLContext | None = None, *, warm: bool = True) -> Lane:
    lane = Lane(QUICK, lambda: datetime.now(UTC))
    booking = httpx.Request("POST", f"{base}/v2/bookings?a=b", json={"n": 1})
    await lane.open(booking.url, tls or ssl.create_default_context())
    if warm:
        await lane.warm(httpx.Request("GET", f"{base}/v2/warm"))
    lane.arm(booking)
    return lane


async def _sent(lane: Lane) -> Answer:
    lane.fire()
    return await lane.answer()


async def test_a_request_goes_out_whole_and_in_one_piece_after_the_warm_up() -> None:
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            seen.append(await request_on(reader))
            writer.write(OK)

    async with serving(serve) as base:
        lane = await _opened(base)
        assert len(seen) == 1
        answer = await _sent(lane)
        lane.close()

    assert (answer.status, answer.body) == (200, b"ok")
    assert seen[0].startswith(b"GET /v2/warm HTTP/1.1\r\n")
    assert seen[1].startswith(b"POST /v2/bookings?a=b HTTP/1.1\r\n")
    assert seen[1].endswith(b'{"n":1}')


async def test_a_lane_not_warmed_has_said_nothing_before_it_fires() -> None:
    seen: list[bytes] = []
    connected = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.set()
        seen.append(await request_on(reader))
        writer.write(OK)
        await reader.read()

    async with serving(serve) as base, asyncio.timeout(5):
        lane = await _opened(base, warm=False)
        await connected.wait()
        assert lane.usable
        assert seen == []
        assert (await _sent(lane)).body == b"ok"
        assert not lane.usable
        lane.close()

    assert [request.split(b" ", 1)[0] for request in seen] == [b"POST"]


async def test_the_write_waits_for_no_acknowledgement() -> None:
    async def serve(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async with serving(serve) as base:
        lane = await _opened(base, warm=False)
        sock = lane.connection_info("socket")
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        lane.close()


async def test_the_request_is_on_its_way_before_anything_is_waited_for() -> None:
    arrived = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await request_on(reader)
        arrived.set()
        await reader.read()

    async with serving(serve) as base, asyncio.timeout(5):
        lane = await _opened(base, warm=False)
        lane.fire()
        await arrived.wait()
        lane.close()


@pytest.mark.parametrize("secure", [False, True], ids=["plain", "TLS"])
@pytest.mark.parametrize("warm", [False, True], ids=["cold", "warm"])
async def test_an_idle_connection_closed_by_the_server_is_noticed_and_nothing_was_sent(
    secure: bool, warm: bool, tmp_path: Path
) -> None:
    opened = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if warm:
            await request_on(reader)
            writer.write(OK)
            await writer.drain()
        await opened.wait()

    server, client = certificate_in(tmp_path) if secure else (None, None)
    async with serving(serve, server) as base:
        lane = await _opened(base, client, warm=warm)
        assert lane.usable
        opened.set()
        async with asyncio.timeout(5):
            while lane.usable:  # noqa: ASYNC110 - the server closes it
                await asyncio.sleep(0.01)
        with pytest.raises(NotSent):
            await _sent(lane)


async def test_a_word_nobody_asked_for_ends_the_lane_before_it_is_used() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_on(reader)
        writer.write(OK)
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.write(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
        await reader.read()

    async with serving(serve) as base:
        lane = await _opened(base)
        async with asyncio.timeout(5):
            while lane.usable:  # noqa: ASYNC110 - the server speaks up
                await asyncio.sleep(0.01)
        with pytest.raises(NotSent):
            await _sent(lane)


async def _dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await request_on(reader)
    for byte in OK:
        writer.write(bytes([byte]))
        await writer.drain()


async def test_an_answer_in_single_bytes_is_read_whole() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _dripping(reader, writer)
        await _dripping(reader, writer)

    async with serving(serve) as base:
        lane = await _opened(base)
        assert (await _sent(lane)).body == b"ok"
        lane.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok",
        b"this is not HTTP\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n" + b"x" * 3_000_000,
    ],
    ids=["closed", "cut off", "no HTTP", "too large"],
)
async def test_a_broken_answer_leaves_the_outcome_unknown(answer: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_on(reader)
        writer.write(OK)
        await request_on(reader)
        writer.write(answer)
        await writer.drain()

    async with serving(serve) as base:
        lane = await _opened(base)
        with pytest.raises(NoAnswer):
            await _sent(lane)
        lane.close()


async def test_a_silent_server_is_waited_for_only_so_long() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_on(reader)
        writer.write(OK)
        await asyncio.sleep(30)

    async with serving(serve) as base:
        lane = await _opened(base)
        with pytest.raises(NoAnswer, match="TimeoutError"):
            await _sent(lane)


async def test_a_server_that_keeps_no_connection_gives_no_lane() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_on(reader)
        writer.write(OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))

    async with serving(serve) as base:
        with pytest.raises(NotSent):
            await _opened(base)


async def test_a_lane_speaks_no_newer_protocol_even_where_host_and_context_would(
    tmp_path: Path,
) -> None:
    agreed: list[str | None] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        agreed.append(writer.get_extra_info("ssl_object").selected_alpn_protocol())
        await request_on(reader)
        writer.write(OK)
        await reader.read()

    server, client = certificate_in(tmp_path)
    server.set_alpn_protocols(["h2", "http/1.1"])
    client.set_alpn_protocols(["h2"])
    async with serving(serve, server) as base:
        lane = await _opened(base, client, warm=False)
        assert (await _sent(lane)).status == 200
        lane.close()

    assert agreed == ["http/1.1"]


async def test_a_lane_speaks_tls_and_believes_only_known_certificates(tmp_path: Path) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            await request_on(reader)
            writer.write(OK)
        await reader.read()

    server, client = certificate_in(tmp_path)
    async with serving(serve, server) as base:
        lane = await _opened(base, client)
        assert (await _sent(lane)).status == 200
        lane.close()
        with pytest.raises(NotSent):
            await _opened(base, ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
