"""Connections that have to get on."""

import asyncio
from datetime import timedelta
from typing import Any, cast

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

MOST = 1_000
"""Connections at once, idle ones included; the file descriptors of a process are limited too."""

HEAD_WITHIN = timedelta(seconds=10)
"""From a new connection, or a later request's first byte, to the end of the request's head."""

ANSWER_TAKEN_WITHIN = timedelta(seconds=20)
"""How long a client that has stopped reading its answer is waited for."""

IDLE_FOR_S = 5
"""How long a connection is kept for its next request."""

FINISH_WITHIN_S = 25
"""Longer than any call may take, so that each is answered before the server ends."""


def configured(app: Any, **listening: Any) -> uvicorn.Config:
    """How the server serves, in the program and in its tests. `listening` says where."""
    return uvicorn.Config(
        app,
        http=PromptConnection,
        ws="none",  # there are none here, and an upgrade is one more thing to get wrong
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=IDLE_FOR_S,
        timeout_graceful_shutdown=FINISH_WITHIN_S,
        **listening,
    )


class PromptConnection(H11Protocol):
    """Uvicorn's connection, ended where the client dawdles over a head or over an answer.

    Uvicorn by itself waits for ever for both. Bodies have a limit of their own (`WholeBodies`).
    """

    _head_due: asyncio.TimerHandle | None = None
    _answer_due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]  # as uvicorn's own
        """Wait for the first head, so long."""
        super().connection_made(transport)
        if len(self.connections) > MOST:
            transport.abort()
            return
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        """Count the time while a head is incomplete, from its first byte."""
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            self._wait_for_head()
        elif self._head_due is not None:
            self._head_due.cancel()
            self._head_due = None

    def send_400_response(self, msg: str) -> None:
        """Answer once what goes wrong halfway: whoever is at work on it has lost its client.

        Uvicorn by itself lets both answer, and logs the second as a crash.
        """
        # Uvicorn's types leave out that there is none before the first request.
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True
            cycle.message_event.set()
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            super().send_400_response(msg)
        else:
            self.transport.close()

    def pause_writing(self) -> None:
        """The client does not keep up with its answer."""
        super().pause_writing()
        seconds = ANSWER_TAKEN_WITHIN.total_seconds()
        self._answer_due = self.loop.call_later(seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """It has caught up."""
        super().resume_writing()
        if self._answer_due is not None:
            self._answer_due.cancel()
            self._answer_due = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        for due in (self._head_due, self._answer_due):
            if due is not None:
                due.cancel()
        super().connection_lost(exc)

    def _wait_for_head(self) -> None:
        if self._head_due is None:
            self._head_due = self.loop.call_later(HEAD_WITHIN.total_seconds(), self._give_up)

    def _give_up(self) -> None:
        begun, _ = self.conn.trailing_data
        if begun and self.conn.our_state is h11.IDLE:
            answer = h11.Response(
                status_code=408, headers=[("Connection", "close"), ("Content-Length", "0")]
            )
            self.transport.write(self.conn.send(answer) or b"")
        self.transport.close()
