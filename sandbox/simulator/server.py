"""Serving one simulator on the loopback address."""

import asyncio
import socket
import threading
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from ssl import SSLContext

import uvicorn

from sandbox.simulator.application import Simulator
from sandbox.simulator.arrival import stamped
from sandbox.simulator.certificate import server_context
from sandbox.simulator.transport import ExposedH11
from sandbox.simulator.vendor import Vendor

LOOPBACK = "127.0.0.1"
KEEP_ALIVE_SECONDS = 120
BACKLOG = 2048
GRACE_SECONDS = 2
"""How long a stop waits for requests under way; hung ones are cut off after it."""


class PortTaken(Exception):
    """Another program listens there."""


@dataclass(frozen=True)
class TlsDoor:
    """A second port, on which the same simulator speaks TLS."""

    port: int
    folder: Path
    """Where authority, certificate and key are made at each start; see `certificate`."""


def listening_socket(port: int) -> socket.socket:
    """A socket that listens on 127.0.0.1; port 0 takes any free one.

    Raises:
        PortTaken: the port is in use.
    """
    # asyncio switches Nagle's delay off only for sockets that name their protocol; without
    # that, every answer in two segments would wait 40 ms for the client's acknowledgement.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((LOOPBACK, port))
        # From here on clients are queued, even before the event loop accepts them.
        sock.listen(BACKLOG)
    except OSError as taken:
        sock.close()
        raise PortTaken(f"Port {port} is in use by another program. Choose another.") from taken
    return stamped(sock)


class LoopbackServer(uvicorn.Server):
    """uvicorn, able to stop listening for a while. It is the simulator's Gate."""

    def __init__(
        self,
        simulator: Simulator,
        sock: socket.socket,
        secure: socket.socket | None = None,
        tls: SSLContext | None = None,
    ) -> None:
        config = uvicorn.Config(
            simulator.application(),
            loop="asyncio",
            http=ExposedH11,
            ws="none",
            lifespan="on",
            log_level="critical",
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            backlog=BACKLOG,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        super().__init__(config)
        self._sock = sock
        self._secure, self._tls = secure, tls
        self.port: int = sock.getsockname()[1]
        self._reopening: set[asyncio.Task[None]] = set()
        simulator.gate = self

    def run_until_stopped(self) -> None:
        """Serve until SIGTERM, SIGINT or `should_exit`."""
        self.run(sockets=[self._sock])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Of uvicorn; the TLS port opens with the plain one."""
        await super().startup(sockets)
        if self._secure is not None:
            self.servers.append(await self._listen(self._secure, self._tls))

    def refuse(self, seconds: float, *, in_seconds: float, keep_existing: bool) -> None:
        """See Gate."""
        task = asyncio.get_running_loop().create_task(
            self._refuse(seconds, in_seconds, keep_existing=keep_existing)
        )
        self._reopening.add(task)
        task.add_done_callback(self._reopening.discard)

    async def _refuse(self, seconds: float, in_seconds: float, *, keep_existing: bool) -> None:
        # A tick lets the answer that announces the refusal leave first.
        await asyncio.sleep(max(in_seconds, 0.01))
        secure_port = self._secure.getsockname()[1] if self._secure is not None else None
        for server in self.servers:
            server.close()
        self.servers.clear()
        self._sock.close()
        if not keep_existing:
            for connection in list(self.server_state.connections):
                connection.shutdown()
        await asyncio.sleep(seconds)
        if self.should_exit:
            return
        self._sock = listening_socket(self.port)
        self.servers.append(await self._listen(self._sock, None))
        if secure_port is not None:
            self._secure = listening_socket(secure_port)
            self.servers.append(await self._listen(self._secure, self._tls))

    async def _listen(self, sock: socket.socket, tls: SSLContext | None) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        return await loop.create_server(self._protocol, sock=sock, ssl=tls, backlog=BACKLOG)

    def _protocol(self) -> ExposedH11:
        return ExposedH11(self.config, self.server_state, self.lifespan.state)


def serve(
    vendor: Vendor, *, port: int, data: Path, control_token: str, tls: TlsDoor | None = None
) -> Generator[int, None, None]:
    """Serve in this thread until told to stop; yields the port once it is bound.

    Raises:
        PortTaken: the port is in use.
        StateFileBusy: the state file is.
    """
    with ExitStack() as open_sockets:
        sock = open_sockets.enter_context(listening_socket(port))
        secure, context = None, None
        if tls is not None:
            secure = open_sockets.enter_context(listening_socket(tls.port))
            context = server_context(tls.folder)
        simulator = Simulator(vendor, data, control_token)
        server = LoopbackServer(simulator, sock, secure, context)
        yield server.port
        server.run_until_stopped()


@contextmanager
def running(
    vendor: Vendor, *, data: Path, control_token: str, port: int = 0
) -> Generator[str, None, None]:
    """Serve in a thread of this process; yields the base URL, stops at the end of the block.

    For tests. A fault that ends the process ends this one: use a subprocess for it.
    """
    sock = listening_socket(port)
    try:
        server = LoopbackServer(Simulator(vendor, data, control_token), sock)
    except BaseException:
        sock.close()
        raise
    thread = threading.Thread(target=server.run_until_stopped, name=vendor.name, daemon=True)
    thread.start()
    try:
        yield f"http://{LOOPBACK}:{server.port}"
    finally:
        server.should_exit = True
        thread.join(GRACE_SECONDS + 8)
        sock.close()
