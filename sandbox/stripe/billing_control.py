"""The control surface's part on subscriptions: time passes, and a bank changes its mind."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from sandbox.simulator.answer import Answer, Refused
from sandbox.simulator.store import Transaction
from sandbox.simulator.vendor import Call, VendorRoute
from sandbox.stripe import billing, settings
from sandbox.stripe.api import work_of
from sandbox.stripe.cards import CARDS, card_called
from sandbox.stripe.control import asked
from sandbox.stripe.objects.payment_method import PaymentMethod

MOST_AT_ONCE = 400 * 24 * 60 * 60


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Passing(_Body):
    """How much time passes, for good. What falls due on the way happens at its own moment."""

    seconds: Annotated[int, Field(ge=1, le=MOST_AT_ONCE)]


class Behaviour(_Body):
    """How a saved card behaves from now on."""

    card: str
    """As which test card: its name, its number, or `pm_card_...`."""


def routes() -> tuple[VendorRoute, ...]:
    """Under `/_sim/clock` and `/_sim/payment_methods`."""
    return (
        VendorRoute("GET", "/_sim/clock", _clock),
        VendorRoute("POST", "/_sim/clock", _pass),
        VendorRoute("POST", "/_sim/payment_methods/{id}/behaviour", _behave),
    )


def _clock(call: Call, tx: Transaction) -> Answer:
    ahead = settings.clock_offset(tx)
    return Answer.of({"now": work_of(call, tx).now, "ahead_seconds": ahead})


def _pass(call: Call, tx: Transaction) -> Answer:
    settings.move_clock(tx, asked(call, Passing).seconds)
    billing.catch_up(work_of(call, tx))
    return _clock(call, tx)


def _behave(call: Call, tx: Transaction) -> Answer:
    wanted = card_called(asked(call, Behaviour).card)
    work = work_of(call, tx)
    method = work.find(PaymentMethod, work.path["id"])
    if method is None:
        raise Refused(404, "There is no such payment method.")
    if wanted is None:
        raise Refused(422, f"card: one of {', '.join(known.name for known in CARDS)}.")
    changed = work.save(method.model_copy(update={"test_card": wanted.name}))
    return Answer.of(changed.wire())
