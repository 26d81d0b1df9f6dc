"""The control surface under `/_sim`: for tests and operators, never for the client under test."""

import hmac
import json
from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from typing import TYPE_CHECKING

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.simulator import background, ledger
from sandbox.simulator.answer import Answer, Refused
from sandbox.simulator.fault_kinds import RefuseConnections
from sandbox.simulator.faults import FaultRule, UnknownFault
from sandbox.simulator.store import Transaction
from sandbox.simulator.vendor import Call, Handler

if TYPE_CHECKING:
    from sandbox.simulator.application import Simulator

Endpoint = Callable[[Request], Awaitable[Response]]


class ControlSurface:
    """Routes that read the ledger, set the faults and seed the state.

    Everything but `/_sim/health` asks for `Authorization: Bearer <control token>`; a client
    from another machine is refused whatever it brings.
    """

    def __init__(self, simulator: "Simulator", token: str) -> None:
        """Raises ValueError: the token is empty."""
        if not token:
            raise ValueError("the control token is empty")
        self._simulator = simulator
        self._token = token.encode()

    def routes(self) -> list[Route]:
        """The shared routes and the vendor's own."""
        shared: list[tuple[str, str, Handler]] = [
            ("GET", "/_sim/requests", _requests),
            ("GET", "/_sim/deliveries", _deliveries),
            ("GET", "/_sim/invariants", self._invariants),
            ("GET", "/_sim/faults", _faults),
            ("POST", "/_sim/faults", self._add_fault),
            ("DELETE", "/_sim/faults", _clear_faults),
            ("DELETE", "/_sim/faults/{id:int}", _clear_faults),
        ]
        own = [(r.method, r.path, r.handler) for r in self._simulator.vendor.control_routes]
        routes = [
            Route(path, self._guarded(handler), methods=[method])
            for method, path, handler in (*shared, *own)
        ]
        return [
            Route("/_sim/health", self._health, methods=["GET"]),
            Route("/_sim/reset", self._reset, methods=["POST"]),
            *routes,
            Route("/_sim/{path:path}", self._guarded(_nothing_here)),
        ]

    def _guarded(self, handler: Handler) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            refusal = self._refusal(request)
            if refusal is not None:
                return refusal
            call = Call(request, await request.body(), self._simulator.book)
            try:
                with self._simulator.store.transaction() as tx:
                    answer = handler(call, tx)
            except Refused as refused:
                return _error(refused.status, refused.message)
            self._simulator.background.nudge()
            return Response(answer.content, answer.status, dict(answer.headers))

        return endpoint

    def _refusal(self, request: Request) -> Response | None:
        if request.client is None or not ip_address(request.client.host).is_loopback:
            return _error(403, "The control surface answers this machine only.")
        given = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, b"Bearer " + self._token):
            return _error(401, "Send the header 'Authorization: Bearer <control token>'.")
        return None

    async def _health(self, request: Request) -> Response:
        if request.client is None or not ip_address(request.client.host).is_loopback:
            return _error(403, "The control surface answers this machine only.")
        body = json.dumps({"ok": True, "simulator": self._simulator.vendor.name})
        return Response(body, media_type="application/json")

    async def _reset(self, request: Request) -> Response:
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        self._simulator.reset()
        return Response(status_code=204)

    def _invariants(self, call: Call, tx: Transaction) -> Answer:  # noqa: ARG002 - a Handler's shape
        violations = self._simulator.vendor.invariants(tx)
        return Answer.of({"holds": not violations, "violations": violations})

    def _add_fault(self, call: Call, tx: Transaction) -> Answer:
        try:
            rule = FaultRule.model_validate(call.json_object())
            rule_id = call.book.add(tx, rule)
            effect = call.book.parsed(rule)
        except UnknownFault as unknown:
            raise Refused(422, str(unknown)) from unknown
        except ValidationError as invalid:
            raise Refused(422, explained(invalid)) from invalid
        if isinstance(effect, RefuseConnections):
            self._simulator.gate.refuse(
                effect.seconds, in_seconds=effect.in_seconds, keep_existing=effect.keep_existing
            )
        return Answer.of({"id": rule_id}, 201)


def explained(invalid: ValidationError) -> str:
    """Every fault of a value, by field, without the value itself."""
    reasons = [
        f"{'.'.join(str(part) for part in error['loc']) or 'body'}: {error['msg']}"
        for error in invalid.errors(include_input=False, include_url=False)
    ]
    return "; ".join(reasons)


def _requests(call: Call, tx: Transaction) -> Answer:
    after = call.request.query_params.get("after_id", "0")
    if not after.isdecimal():
        raise Refused(422, "after_id: a request's id, a whole number.")
    reference = call.request.query_params.get("reference")
    return Answer.of({"requests": ledger.requests(tx, reference, int(after))})


def _deliveries(call: Call, tx: Transaction) -> Answer:  # noqa: ARG001 - a Handler's shape
    return Answer.of({"deliveries": background.deliveries(tx)})


def _faults(call: Call, tx: Transaction) -> Answer:
    return Answer.of({"faults": call.book.listed(tx)})


def _clear_faults(call: Call, tx: Transaction) -> Answer:
    call.book.clear(tx, call.request.path_params.get("id"))
    return Answer(204)


def _nothing_here(call: Call, tx: Transaction) -> Answer:  # noqa: ARG001 - a Handler's shape
    raise Refused(404, "There is no such control endpoint.")


def _error(status: int, message: str) -> Response:
    body = json.dumps({"error": message})
    return Response(body, status, media_type="application/json")
