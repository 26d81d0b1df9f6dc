"""Web applications on a free loopback port, in the test's own event loop."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import uvicorn

from mcp_server.limits.connections import configured

HOST = "127.0.0.1"


class _Server(uvicorn.Server):
    def __init__(self, app: Any) -> None:
        super().__init__(configured(app))
        self._ended = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield

    async def main_loop(self) -> None:
        # Uvicorn's own looks ten times a second whether it should end.
        await self.on_tick(0)
        await self._ended.wait()

    def end(self) -> None:
        self.should_exit = True
        self._ended.set()


def bound_socket() -> socket.socket:
    listening = socket.socket()
    listening.bind((HOST, 0))
    return listening


def port_of(listening: socket.socket) -> int:
    return int(listening.getsockname()[1])


@asynccontextmanager
async def serving(*served: tuple[Any, socket.socket]) -> AsyncGenerator[None]:
    """Every application on its socket; they end together, as each takes a tenth of a second."""
    servers = [_Server(app) for app, _ in served]
    tasks = [
        asyncio.create_task(server.serve(sockets=[listening]))
        for server, (_, listening) in zip(servers, served, strict=True)
    ]
    try:
        async with asyncio.timeout(10):
            while not all(server.started for server in servers):
                assert not any(task.done() for task in tasks), "a server did not start"
                await asyncio.sleep(0.005)
        yield
    finally:
        for server in servers:
            server.end()
        await asyncio.wait_for(asyncio.gather(*tasks), 10)
