"""The API's front: key, idempotency, parameters, then the noun's own work, then the answer."""

import logging
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sandbox.simulator.answer import Answer
from sandbox.simulator.store import Transaction
from sandbox.simulator.vendor import Call, VendorRoute
from sandbox.stripe import idempotency, secret_key, settings
from sandbox.stripe.faults import StoredError, TextError
from sandbox.stripe.idempotency import InFlight
from sandbox.stripe.records import Record
from sandbox.stripe.wire.expansion import expanded
from sandbox.stripe.wire.form import Tree, parsed
from sandbox.stripe.wire.parameters import Parameters
from sandbox.stripe.wire.refusals import Refusal
from sandbox.stripe.work import Work

P = TypeVar("P", bound=Parameters)

log = logging.getLogger("sandbox.stripe")


@dataclass(frozen=True, slots=True)
class Endpoint(Generic[P]):
    """One endpoint of the API: `action` does its work, or raises Refusal."""

    method: str
    path: str
    parameters: type[P]
    action: Callable[[Work, P], Record | dict[str, Any]]

    def perform(self, work: Work, form: Tree) -> Record | dict[str, Any]:
        """The work, on a parsed form."""
        return self.action(work, self.parameters.read(form))


class Api:
    """Turns endpoints into the machinery's routes."""

    def __init__(self, key: str, kinds: Sequence[type[Record]]) -> None:
        """`key` is the one accepted secret key; `kinds` are what `expand` can reach."""
        self._key = key
        self._kinds = kinds
        self.in_flight = InFlight()

    def route(self, endpoint: Endpoint[Any]) -> VendorRoute:
        """The endpoint as a route."""

        def opening(call: Call, tx: Transaction) -> Answer | None:
            try:
                return self._opened(endpoint, call, tx)
            except Refusal as refusal:
                return _signed(call, refusal.answer())

        def handler(call: Call, tx: Transaction) -> Answer:
            return _signed(call, self._handled(endpoint, call, tx))

        return VendorRoute(endpoint.method, endpoint.path, handler, opening)

    def _opened(self, endpoint: Endpoint[Any], call: Call, tx: Transaction) -> Answer | None:
        secret_key.check(call.request.headers.get("authorization", ""), self._key)
        form = form_of(call)
        key = key_of(call)
        fingerprint = idempotency.fingerprint_of(call.request.url.path, form)
        if key is not None:
            idempotency.check_length(key)
            path = call.request.url.path
            stored = idempotency.replay(tx, key, path, fingerprint, now=now_of(call, tx))
            if stored is not None:
                return _signed(call, stored)
        # Nothing is stored for parameters that fail validation: execution has not begun.
        endpoint.parameters.read(form)
        if key is not None:
            self.in_flight.begin(key, fingerprint)
        return None

    def _handled(self, endpoint: Endpoint[Any], call: Call, tx: Transaction) -> Answer:
        key = key_of(call)
        if key is not None:
            self.in_flight.end(key)
        text = call.fault(TextError)
        if text is not None and not text.committed:
            return Answer.of({"error": text.text}, text.status)
        form = form_of(call)
        work = work_of(call, tx)
        failure = call.fault(StoredError)
        if failure is not None and not failure.charged:
            answer = _failed(failure.status)
        else:
            answer = self._performed(endpoint, work, form)
            if failure is not None:
                answer = _failed(failure.status)
        if key is not None:
            path = call.request.url.path
            facts = {
                "endpoint": path,
                "fingerprint": idempotency.fingerprint_of(path, form),
                "request_id": request_id_of(call),
            }
            idempotency.store(tx, key, answer, facts, expires_at=work.key_expires_at)
        return answer if text is None else Answer.of({"error": text.text}, text.status)

    def _performed(self, endpoint: Endpoint[Any], work: Work, form: Tree) -> Answer:
        try:
            with _undone_when_refused(work.tx):
                done = endpoint.perform(work, form)
                value = done.wire() if isinstance(done, Record) else done
                paths = endpoint.parameters.read(form).expand
                return Answer.of(expanded(work, value, paths, self._kinds))
        except Refusal as refusal:
            return refusal.answer()
        except Exception:
            log.exception("%s failed inside the simulator", endpoint.path)
            return _failed(500)


def form_of(call: Call) -> Tree:
    """The parameters of a request: its body, or a GET's or DELETE's query.

    Raises:
        Refusal: 400, they are malformed.
    """
    if call.request.method == "POST":
        return parsed(call.body.decode("utf-8", "replace"))
    return parsed(call.request.url.query)


def key_of(call: Call) -> str | None:
    """The idempotency key; only POSTs have one."""
    if call.request.method != "POST":
        return None
    return call.request.headers.get("idempotency-key") or None


def reference_of(call: Call, tx: Transaction) -> str | None:  # noqa: ARG001 - a ReferenceOf's shape
    """What faults and ledger call the request by: its key, else the registration it names."""
    try:
        metadata = form_of(call).get("metadata")
    except Refusal:
        return key_of(call)
    registration = metadata.get("registration_id") if isinstance(metadata, dict) else None
    return key_of(call) or (registration if isinstance(registration, str) else None)


def now_of(call: Call, tx: Transaction) -> int:
    """Unix seconds by the provider's clock."""
    return int((tx.now_ms + call.skew_ms) / 1000) + settings.clock_offset(tx)


def request_id_of(call: Call) -> str:
    """The request's id: its number in the ledger."""
    return f"req_{call.id:014d}"


def work_of(call: Call, tx: Transaction) -> Work:
    """The surroundings of this call's work."""
    now = now_of(call, tx)
    path: Mapping[str, str] = {k: str(v) for k, v in call.request.path_params.items()}
    return Work(
        tx=tx,
        now=now,
        base_url=str(call.request.base_url).rstrip("/"),
        path=path,
        request_id=request_id_of(call),
        idempotency_key=key_of(call),
        key_expires_at=now + settings.key_life(tx),
    )


@contextmanager
def _undone_when_refused(tx: Transaction) -> Generator[None]:
    # A refusal's answer is stored in the same transaction that its half-done work must leave.
    tx.execute("SAVEPOINT stripe_work")
    try:
        yield
    except BaseException as raised:
        if not (isinstance(raised, Refusal) and raised.keeps_changes):
            tx.execute("ROLLBACK TO stripe_work")
        raise
    finally:
        tx.execute("RELEASE stripe_work")


def _failed(status: int) -> Answer:
    sorry = "Sorry! There was an error while talking to one of our backends."
    return Refusal(status, "api_error", sorry).answer()


def _signed(call: Call, answer: Answer) -> Answer:
    headers = {"request-id": request_id_of(call), **answer.headers}
    key = key_of(call)
    if key is not None:
        headers["idempotency-key"] = key
    return Answer(answer.status, answer.content, headers)
