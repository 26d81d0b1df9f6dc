"""How the provider looks to one call: its clock, its lateness, its way to say no."""

import random
from dataclasses import dataclass, field
from typing import Literal, NoReturn

from sandbox.bookeo.faults import OpenJitter, RefusalStatus
from sandbox.bookeo.wire import flag
from sandbox.simulator.answer import Refused
from sandbox.simulator.faults import Fault, FaultBook
from sandbox.simulator.store import Transaction
from sandbox.simulator.vendor import Call

MESSAGES = {
    "not_open": "Bookings for this class are not being accepted at this time.",
    "full": "There are not enough seats available.",
    "closed": "It is too late to book this class.",
}
"""Human text: a client must not read it, and cannot tell the causes apart by it alone."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What decides whether an event can be booked right now."""

    book: FaultBook
    clock_ms: float
    """The provider's own clock."""
    backend: bool = False
    """`mode=backend`: the window the business has set does not apply."""
    refusals: RefusalStatus = field(default_factory=RefusalStatus)
    jitter: Fault | None = None

    def late_opening_ms(self, event_id: str) -> float:
        """By how much the window opens later than set."""
        if self.jitter is None or not isinstance(self.jitter.effect, OpenJitter):
            return 0
        effect = self.jitter.effect
        draw = self.jitter.draw
        if not effect.per_call:
            draw = random.Random(f"{self.jitter.seed}:{event_id}")  # noqa: S311 - repeatable
        return draw.uniform(effect.min_ms, effect.max_ms)

    def refuse(self, cause: Literal["not_open", "full", "closed"]) -> NoReturn:
        """Say no in the way the knobs ask for.

        Raises:
            Refused: always.
        """
        statuses = {
            "not_open": self.refusals.not_open,
            "full": self.refusals.full,
            "closed": self.refusals.closed,
        }
        raise Refused(statuses[cause], MESSAGES[cause])


def conditions(call: Call, tx: Transaction) -> Conditions:
    """The conditions of one request.

    Raises:
        Refused: 400, an unknown mode.
    """
    mode = call.request.query_params.get("mode", "customer")
    if mode not in ("customer", "backend"):
        raise Refused(400, "mode must be customer or backend.")
    jitters = [fault for fault in call.faults if isinstance(fault.effect, OpenJitter)]
    return Conditions(
        book=call.book,
        clock_ms=tx.now_ms + call.skew_ms,
        backend=mode == "backend",
        refusals=call.fault(RefusalStatus) or RefusalStatus(),
        jitter=jitters[0] if jitters else None,
    )


def notifies(call: Call) -> bool:
    """Whether the call asks for letters to customer or staff; checks both parameters.

    Raises:
        Refused: 400, neither true nor false.
    """
    users, customer = flag(call, "notifyUsers"), flag(call, "notifyCustomer")
    return users or customer
