"""The SMTP side: takes every message, unless told to refuse some."""

import asyncio
from threading import Lock
from typing import Annotated, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pydantic import Field

from domain.frozen import Frozen
from sandbox.mail.faults import HANGS_S, MailFaultKind, MailFaults
from sandbox.mail.store import MailStore
from sandbox.probe import HOST


class Refusal(Frozen):
    """The next `times` messages are answered with this instead of being taken."""

    status: Annotated[int, Field(ge=400, le=599)]
    """4xx: try later; 5xx: never."""
    times: Annotated[int, Field(ge=0)]


class Refusals:
    """How many of the next messages are refused, and how."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._left = Refusal(status=451, times=0)

    def set(self, refusal: Refusal) -> None:
        """Replace what was set before; zero times takes every message again."""
        with self._lock:
            self._left = refusal

    def take(self) -> int | None:
        """The status to refuse this message with, counted; None when it is to be taken."""
        with self._lock:
            if self._left.times == 0:
                return None
            self._left = self._left.model_copy(update={"times": self._left.times - 1})
            return self._left.status


class Catcher:
    """aiosmtpd's handler."""

    def __init__(self, store: MailStore, refusals: Refusals, faults: MailFaults) -> None:
        self._store = store
        self._refusals = refusals
        self._faults = faults

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Answer the end of one message."""
        status = self._refusals.take()
        if status is not None:
            return f"{status} refused on request"
        fault = self._faults.take(envelope.rcpt_tos)
        match fault and fault.kind:
            case MailFaultKind.REFUSE:
                return "451 refused on request"
            case MailFaultKind.HANG:
                await asyncio.sleep(HANGS_S)
            case MailFaultKind.DROP_AFTER_DATA:
                self._keep(envelope)
                cast("asyncio.Transport", server.transport).abort()
                return "250 nobody hears this"
            case None:
                pass
        self._keep(envelope)
        return "250 caught"

    def _keep(self, envelope: Envelope) -> None:
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode()
        self._store.add(envelope.mail_from or "", envelope.rcpt_tos, raw)


def smtp_server(store: MailStore, refusals: Refusals, faults: MailFaults, port: int) -> Controller:
    """The server, not yet started; it runs in a thread of its own."""
    catcher = Catcher(store, refusals, faults)
    return Controller(catcher, hostname=HOST, port=port, enable_SMTPUTF8=True)
