"""The connection under a request: resetting it and cutting it off for real."""

import asyncio
import socket
import struct
from typing import cast

from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

from sandbox.simulator.arrival import last_arrival_ms

_TRANSPORT = "sandbox.transport"
_RECEIVED = "sandbox.received_ms"


class ExposedH11(H11Protocol):
    """uvicorn's protocol, which also hands the application its transport and arrival times."""

    def connection_made(
        self,
        transport: asyncio.Transport,  # pyright: ignore[reportIncompatibleMethodOverride]  # as uvicorn narrows it
    ) -> None:
        """Keep the transport where every request's scope will carry it."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, _TRANSPORT: transport}

    def data_received(self, data: bytes) -> None:
        """Keep when the bytes arrived; parse them when all sockets that are ready have been read.

        A crowd that arrives at one instant is thus taken in before any of it is worked on.
        """
        self.loop.call_soon(self._parse, data, last_arrival_ms())

    def _parse(self, data: bytes, arrived_ms: float) -> None:
        self.app_state[_RECEIVED] = arrived_ms
        super().data_received(data)


def transport_of(scope: Scope) -> asyncio.Transport:
    """The connection's transport."""
    return cast("asyncio.Transport", scope["state"][_TRANSPORT])


def received_ms(scope: Scope) -> float:
    """When the request's head reached the socket, by the kernel."""
    return cast("float", scope["state"][_RECEIVED])


def reset(transport: asyncio.Transport) -> None:
    """Send a TCP reset; the client sees `Connection reset by peer`."""
    sock = cast("socket.socket | None", transport.get_extra_info("socket"))
    if sock is not None and not transport.is_closing():
        # Lingering for zero seconds turns the closing FIN into an RST.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
