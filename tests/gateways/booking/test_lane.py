"""The lane itself, against servers that misbehave and over TLS."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateways.bookeo.lane import Lane
from gateways.bookeo.wire import BookeoTimeouts, NoAnswer, NotSent

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
QUICK = BookeoTimeouts(
    connect=timedelta(seconds=2), read=timedelta(seconds=1), total=timedelta(seconds=1)
)


async def _requests(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    headers = dict(line.split(b": ", 1) for line in head.lower().split(b"\r\n")[1:] if line)
    return head + await reader.readexactly(int(headers.get(b"content-length", 0)))


@asynccontextmanager
async def _server(serve: Serve, tls: ssl.SSLContext | None = None) -> AsyncGenerator[str]:
    served: list[asyncio.Task[None]] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(asyncio.current_task())  # type: ignore[arg-type]
        try:
            await serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    finally:
        server.close()
        for task in served:
            task.cancel()
        await asyncio.gather(*served, return_exceptions=True)


async def _opened(base: str, tls: ssl.SSLContext | None = None) -> Lane:
    lane = Lane(QUICK, lambda: datetime.now(UTC))
    context = tls or ssl.create_default_context()
    await lane.open(httpx.Request("GET", f"{base}/v2/warm"), context)
    lane.arm(httpx.Request("POST", f"{base}/v2/bookings?a=b", json={"n": 1}))
    return lane


async def test_a_request_goes_out_whole_and_in_one_piece_after_the_warm_up() -> None:
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            seen.append(await _requests(reader))
            writer.write(OK)

    async with _server(serve) as base:
        lane = await _opened(base)
        assert len(seen) == 1
        answer = await lane.send()
        lane.close()

    assert (answer.status, answer.body) == (200, b"ok")
    assert seen[0].startswith(b"GET /v2/warm HTTP/1.1\r\n")
    assert seen[1].startswith(b"POST /v2/bookings?a=b HTTP/1.1\r\n")
    assert seen[1].endswith(b'{"n":1}')


async def test_an_idle_connection_closed_by_the_server_is_noticed_and_nothing_was_sent() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _requests(reader)
        writer.write(OK)
        await writer.drain()

    async with _server(serve) as base:
        lane = await _opened(base)
        async with asyncio.timeout(5):
            while lane.usable:  # noqa: ASYNC110 - the server closes it
                await asyncio.sleep(0.01)
        with pytest.raises(NotSent):
            await lane.send()


async def test_a_word_nobody_asked_for_ends_the_lane_before_it_is_used() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _requests(reader)
        writer.write(OK)
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.write(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
        await reader.read()

    async with _server(serve) as base:
        lane = await _opened(base)
        async with asyncio.timeout(5):
            while lane.usable:  # noqa: ASYNC110 - the server speaks up
                await asyncio.sleep(0.01)
        with pytest.raises(NotSent):
            await lane.send()


async def _dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _requests(reader)
    for byte in OK:
        writer.write(bytes([byte]))
        await writer.drain()


async def test_an_answer_in_single_bytes_is_read_whole() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _dripping(reader, writer)
        await _dripping(reader, writer)

    async with _server(serve) as base:
        lane = await _opened(base)
        assert (await lane.send()).body == b"ok"
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
        await _requests(reader)
        writer.write(OK)
        await _requests(reader)
        writer.write(answer)
        await writer.drain()

    async with _server(serve) as base:
        lane = await _opened(base)
        with pytest.raises(NoAnswer):
            await lane.send()
        lane.close()


async def test_a_silent_server_is_waited_for_only_so_long() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _requests(reader)
        writer.write(OK)
        await asyncio.sleep(30)

    async with _server(serve) as base:
        lane = await _opened(base)
        with pytest.raises(NoAnswer, match="TimeoutError"):
            await lane.send()


async def test_a_server_that_keeps_no_connection_gives_no_lane() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _requests(reader)
        writer.write(OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))

    async with _server(serve) as base:
        with pytest.raises(NotSent):
            await _opened(base)


def _certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "lane test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.load_verify_locations(pem)
    return server, client


async def test_a_lane_speaks_tls_and_believes_only_known_certificates(tmp_path: Path) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            await _requests(reader)
            writer.write(OK)
        await reader.read()

    server, client = _certificate(tmp_path)
    async with _server(serve, server) as base:
        lane = await _opened(base, client)
        assert (await lane.send()).status == 200
        lane.close()
        with pytest.raises(NotSent):
            await _opened(base, ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
