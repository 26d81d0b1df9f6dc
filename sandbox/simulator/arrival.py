"""When bytes reached this machine, by the kernel: however busy the program is that reads them."""

import socket
import struct
import threading
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from sandbox.simulator.store import now_ms

SO_TIMESTAMPNS = 35
"""Of Linux's socket.h; Python has no name for it. The kernel then tells, beside the bytes that a
read returns, when the last of them arrived."""

_INSTANT = struct.Struct("@qq")
"""struct timespec: seconds and nanoseconds."""
_ROOM = socket.CMSG_SPACE(_INSTANT.size)


class _LastRead(threading.local):
    arrived_ms: float | None = None


_last_read = _LastRead()


class StampedSocket(socket.socket):
    """A TCP socket that knows when the bytes it returns arrived.

    asyncio hands what it read to the protocol in the same call of the same thread, with TLS in
    between or not, so `last_arrival_ms` asked there tells of those bytes.
    """

    def accept(self) -> "tuple[StampedSocket, Any]":
        """As of any socket; the accepted one stamps too."""
        plain, address = super().accept()
        accepted = StampedSocket(plain.family, plain.type, plain.proto, fileno=plain.detach())
        return accepted, address

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        """As of any socket."""
        data, notes, _, _ = self.recvmsg(bufsize, _ROOM, flags)
        _note(notes)
        return data

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        """As of any socket."""
        room = memoryview(buffer)
        size, notes, _, _ = self.recvmsg_into([room[:nbytes] if nbytes else room], _ROOM, flags)
        _note(notes)
        return size


def stamped(sock: socket.socket) -> StampedSocket:
    """The same socket, stamping from now on. Where the kernel cannot, the read's time serves."""
    taken = StampedSocket(sock.family, sock.type, sock.proto, fileno=sock.detach())
    with suppress(OSError):
        taken.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    return taken


def last_arrival_ms() -> float:
    """When the bytes that this thread read last arrived: epoch milliseconds."""
    return _last_read.arrived_ms or now_ms()


def _note(notes: Iterable[tuple[int, int, bytes]]) -> None:
    _last_read.arrived_ms = None
    for level, kind, note in notes:
        if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS) and len(note) == _INSTANT.size:
            seconds, nanoseconds = _INSTANT.unpack(note)
            _last_read.arrived_ms = seconds * 1_000 + nanoseconds / 1_000_000
