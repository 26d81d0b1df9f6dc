"""A client that speaks bytes, as badly as a test wants."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

WITHIN_S = 10


class Wire:
    """One connection to the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, sent: bytes) -> None:
        """Send that, unless the other side has gone."""
        with suppress(ConnectionError):
            self._writer.write(sent)
            await self._writer.drain()

    async def drip(self, sent: bytes, every_s: float) -> None:
        """Send byte by byte."""
        for place in range(len(sent)):
            await self.send(sent[place : place + 1])
            await asyncio.sleep(every_s)

    async def rest(self) -> bytes:
        """Everything that comes until the server ends the connection.

        Who is still sending then may be cut off in the middle of it.
        """
        came = b""
        async with asyncio.timeout(WITHIN_S):
            with suppress(ConnectionError):
                while more := await self._reader.read(65_536):
                    came += more
        return came

    async def status(self) -> int:
        """The status of the next answer; 0 where the connection ended without one."""
        async with asyncio.timeout(WITHIN_S):
            with suppress(ConnectionError):
                line = await self._reader.readline()
                return int(line.split()[1]) if line.startswith(b"HTTP/") else 0
        return 0


@asynccontextmanager
async def wire(base: str) -> AsyncGenerator[Wire]:
    """A connection to the server of that address."""
    address = urlsplit(base)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        yield Wire(reader, writer)
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def answered(base: str, sent: bytes) -> int:
    """The status that those bytes are answered with, on a connection of their own."""
    async with wire(base) as one:
        await one.send(sent)
        return await one.status()
