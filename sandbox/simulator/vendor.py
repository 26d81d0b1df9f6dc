"""What a vendor's simulator states about itself; everything else is shared."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from starlette.requests import Request

from sandbox.simulator.answer import Answer, Refused
from sandbox.simulator.faults import Fault, FaultBook, FaultKind, K
from sandbox.simulator.store import Transaction


@dataclass(frozen=True, slots=True)
class Call:
    """One request, as a handler sees it."""

    request: Request
    """For path_params, query_params and headers. Its body has been read: use `body`."""
    body: bytes
    book: FaultBook
    """For standing faults."""
    id: int = 0
    """The request's id in the ledger; 0 on the control surface."""
    endpoint: str = ""
    """Method and route template: `POST /v2/bookings`."""
    reference: str | None = None
    faults: tuple[Fault, ...] = ()
    skew_ms: float = 0
    """How far the provider's clock is ahead of wall time, where its decisions follow it."""
    date_skew_ms: float = 0
    """How far the `Date` header of its answer is ahead of wall time."""

    def fault(self, kind: type[K]) -> K | None:
        """The parameters of that fault if it applies to this call."""
        for fault in self.faults:
            if isinstance(fault.effect, kind):
                return fault.effect
        return None

    def json_object(self) -> dict[str, Any]:
        """The body as a JSON object.

        Raises:
            Refused: 400, it is not one.
        """
        try:
            value: object = json.loads(self.body)
        except ValueError as bad:
            raise Refused(400, "The request body is not valid JSON.") from bad
        if not isinstance(value, dict):
            raise Refused(400, "The request body must be a JSON object.")
        return cast("dict[str, Any]", value)


Handler = Callable[[Call, Transaction], Answer]
"""Does one request's work inside one transaction. Raises Refused to roll it back."""

Opening = Callable[[Call, Transaction], Answer | None]
"""Runs in a transaction of its own before any delay; an Answer here ends the request."""

ReferenceOf = Callable[[Call, Transaction], str | None]
"""The caller's own reference in a request, where it has one. Must not raise."""

JobHandler = Callable[[Transaction, Mapping[str, Any]], None]
"""Does work that was scheduled for later, inside one transaction."""


@dataclass(frozen=True, slots=True)
class VendorRoute:
    """One endpoint of the provider."""

    method: str
    path: str
    """Starlette's template: `/v2/bookings/{number}`."""
    handler: Handler
    opening: Opening | None = None
    """For in-flight marks: runs unless the call is to be throttled, dropped, failed or hung
    before its commit."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook on its way; `attributes` are the vendor's own notes for signing it."""

    url: str
    body: bytes
    attributes: Mapping[str, Any]
    attempt: int
    """From 1."""


def no_reference(call: Call, tx: Transaction) -> str | None:  # noqa: ARG001 - the default of a seam
    """No request of this vendor names a reference."""
    return None


def nothing_to_do(tx: Transaction) -> None:
    """Nothing happens at start."""


def unsigned(delivery: Delivery) -> Mapping[str, str]:  # noqa: ARG001 - the default of a seam
    """A webhook without a signature."""
    return {}


@dataclass(frozen=True, slots=True)
class Vendor:
    """One provider: its tables, endpoints, faults and promises."""

    name: str
    schema: str
    """`CREATE TABLE IF NOT EXISTS` statements. Names starting with `sim_` are taken."""
    routes: Sequence[VendorRoute]
    error: Callable[[int, str], Answer]
    """Words an error of that status with that message as this provider does."""
    invariants: Callable[[Transaction], list[str]]
    """A sentence for each promise that the state breaks."""
    control_routes: Sequence[VendorRoute] = ()
    """Paths under `/_sim/`; reached only with the control token, outside ledger and faults."""
    fault_kinds: Sequence[type[FaultKind]] = ()
    reference_of: ReferenceOf = no_reference
    on_start: Callable[[Transaction], None] = nothing_to_do
    """Runs at every start and after every reset: default rows, recovery of in-flight marks."""
    jobs: Mapping[str, JobHandler] = field(default_factory=dict[str, JobHandler])
    sign: Callable[[Delivery], Mapping[str, str]] = unsigned
    """The headers of a webhook delivery, computed anew for each attempt."""
    redelivery_seconds: tuple[float, ...] = (1, 5, 30)
    """Waits before the second, third ... attempt of a delivery that was not answered 2xx."""
    delivery_timeout_seconds: float = 5
