"""One request from arrival to answer, with whatever faults it meets on the way."""

import asyncio
import json
import logging
import os
from collections.abc import Mapping
from contextlib import suppress
from email.utils import formatdate
from typing import NoReturn

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from sandbox.simulator import ledger
from sandbox.simulator.answer import Answer, Refused
from sandbox.simulator.background import Background
from sandbox.simulator.fault_kinds import (
    ClockSkew,
    CrashAfterCommit,
    DropAfter,
    DropBefore,
    EmptyBody,
    ErrorAfter,
    ErrorBefore,
    Hang,
    LatencyAfter,
    LatencyBefore,
    NoDate,
    StaleDate,
    Throttle,
    Truncate,
)
from sandbox.simulator.faults import FaultBook
from sandbox.simulator.store import Store, now_ms
from sandbox.simulator.transport import received_ms, reset, transport_of
from sandbox.simulator.vendor import Call, Opening, Vendor, VendorRoute

log = logging.getLogger("sandbox.simulator")

KILLED = 137
"""The exit status of a process ended by SIGKILL."""

CLOSING_SECONDS = 2


class NoAnswer(Exception):
    """The connection is gone, on purpose or by the client's doing."""


class Exchange:
    """One vendor route as an ASGI application."""

    def __init__(
        self,
        route: VendorRoute,
        vendor: Vendor,
        store: Store,
        book: FaultBook,
        background: Background,
    ) -> None:
        self._route = route
        self._vendor = vendor
        self._store = store
        self._book = book
        self._background = background

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        try:
            body = await request.body()
        except ClientDisconnect:
            body = None
        call = self._arrive(request, body or b"", scope)
        if body is None:
            self._finish(call, None, answered=False)
            return
        answer: Answer | None = None
        answered = False
        try:
            answer = await self._work(call, scope, receive)
            await self._send(call, answer, scope, send)
            answered = True
        except NoAnswer:
            # uvicorn must see the end of the connection, or it would try to answer 500 itself.
            with suppress(TimeoutError):
                await asyncio.wait_for(_client_gone(receive), CLOSING_SECONDS)
        finally:
            self._finish(call, answer.status if answer else None, answered=answered)

    def _arrive(self, request: Request, body: bytes, scope: Scope) -> Call:
        endpoint = f"{request.method} {self._route.path}"
        bare = Call(request, body, self._book, endpoint=endpoint)
        with self._store.transaction() as tx:
            reference = self._vendor.reference_of(bare, tx)
            request_id = ledger.arrived(
                tx,
                arrived_ms=received_ms(scope),
                method=request.method,
                path=request.url.path,
                endpoint=endpoint,
                reference=reference,
            )
            named = f"{request.method} {request.url.path}"
            faults = self._book.applying(tx, endpoint, named, reference)
            if faults:
                ledger.afflicted(tx, request_id, [fault.effect.kind for fault in faults])
            skews = [skew for _, skew in self._book.standing(tx, ClockSkew)]
        skew_ms = sum(skew.ms for skew in skews if not skew.date_only)
        date_skew_ms = sum(skew.ms for skew in skews)
        return Call(
            request=request,
            body=body,
            book=self._book,
            id=request_id,
            endpoint=endpoint,
            reference=reference,
            faults=faults,
            skew_ms=skew_ms,
            date_skew_ms=date_skew_ms,
        )

    async def _work(self, call: Call, scope: Scope, receive: Receive) -> Answer:
        hang = call.fault(Hang)
        hangs_early = hang is not None and not hang.after_commit
        refusal = self._refusal(call)
        never_commits = refusal is not None or hangs_early or call.fault(DropBefore) is not None
        if self._route.opening is not None and not never_commits:
            opened = self._commit(call, self._route.opening)
            if opened is not None:
                return opened
        await _wait(call, call.fault(LatencyBefore))
        if refusal is not None:
            return refusal
        if call.fault(DropBefore):
            _drop(scope)
        if hang and hangs_early:
            await _hang(hang, scope, receive)
        answer = self._commit(call, self._route.handler) or Answer(204)
        return await self._after_commit(call, answer, scope, receive)

    async def _after_commit(
        self, call: Call, answer: Answer, scope: Scope, receive: Receive
    ) -> Answer:
        if call.fault(CrashAfterCommit):
            os._exit(KILLED)
        await _wait(call, call.fault(LatencyAfter))
        if call.fault(DropAfter):
            _drop(scope)
        if hang := call.fault(Hang):
            await _hang(hang, scope, receive)
        if failure := call.fault(ErrorAfter):
            return self._vendor.error(failure.status, "Something went wrong on our side.")
        return Answer(answer.status, b"", answer.headers) if call.fault(EmptyBody) else answer

    def _refusal(self, call: Call) -> Answer | None:
        if throttle := call.fault(Throttle):
            return throttled(throttle, self._vendor)
        if failure := call.fault(ErrorBefore):
            return self._vendor.error(failure.status, "Something went wrong on our side.")
        return None

    def _commit(self, call: Call, work: Opening) -> Answer | None:
        try:
            with self._store.transaction() as tx:
                before = tx.changes
                answer = work(call, tx)
                if tx.changes != before and not (answer and answer.deferred):
                    ledger.committed(tx, call.id)
        except Refused as refusal:
            return self._vendor.error(refusal.status, refusal.message)
        except Exception:
            log.exception("%s failed inside the simulator", call.endpoint)
            return self._vendor.error(500, "The simulator itself failed; its log says where.")
        self._background.nudge()
        return answer

    async def _send(self, call: Call, answer: Answer, scope: Scope, send: Send) -> None:
        transport = transport_of(scope)
        if transport.is_closing():
            raise NoAnswer
        headers = {
            **answer.headers,
            **_dated(call),
            "x-arrived-at-ms": f"{received_ms(scope):.3f}",
            "content-length": str(len(answer.content)),
        }
        raw = [(name.encode("latin-1"), text.encode("latin-1")) for name, text in headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": raw})
        if truncate := call.fault(Truncate):
            kept = answer.content[: truncate.keep_bytes]
            await send({"type": "http.response.body", "body": kept, "more_body": True})
            transport.close()
            raise NoAnswer
        await send({"type": "http.response.body", "body": answer.content})

    def _finish(self, call: Call, status: int | None, *, answered: bool) -> None:
        with self._store.transaction() as tx:
            ledger.finished(tx, call.id, status=status, answered=answered)


def throttled(throttle: Throttle, vendor: Vendor) -> Answer:
    """The vendor's 429, with the wait where the rule wants it."""
    answer = vendor.error(429, "Too many requests. Please slow down.")
    content, headers = answer.content, dict(answer.headers)
    if throttle.hint in ("header", "both"):
        headers["retry-after"] = str(throttle.seconds)
    if throttle.hint in ("body", "both"):
        content = json.dumps({**json.loads(content), "retryAfter": throttle.seconds}).encode()
    return Answer(answer.status, content, headers)


def _dated(call: Call) -> Mapping[str, str]:
    if call.fault(NoDate):
        return {}
    told_ms, stale = now_ms() + call.date_skew_ms, call.fault(StaleDate)
    if stale is None:
        return {"date": formatdate(told_ms / 1000, usegmt=True)}
    date = formatdate(told_ms / 1000 - stale.age_seconds, usegmt=True)
    return {"date": date, "age": str(stale.age_seconds)} if stale.with_age else {"date": date}


async def _wait(call: Call, latency: LatencyBefore | LatencyAfter | None) -> None:
    if latency is None:
        return
    draws = [fault.draw for fault in call.faults if fault.effect is latency]
    await asyncio.sleep((latency.ms + draws[0].uniform(0, latency.jitter_ms)) / 1000)


def _drop(scope: Scope) -> NoReturn:
    reset(transport_of(scope))
    raise NoAnswer


async def _client_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


async def _hang(hang: Hang, scope: Scope, receive: Receive) -> NoReturn:
    with suppress(TimeoutError):
        await asyncio.wait_for(_client_gone(receive), hang.seconds)
    _drop(scope)
