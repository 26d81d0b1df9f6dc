"""The control surface's own part: seeding cards, forgetting keys, webhooks, looking inside."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sandbox.simulator.answer import Answer, Refused
from sandbox.simulator.control_surface import explained
from sandbox.simulator.store import Transaction
from sandbox.simulator.vendor import Call, VendorRoute
from sandbox.stripe import idempotency, settings
from sandbox.stripe.api import work_of
from sandbox.stripe.cards import CARDS, card_called
from sandbox.stripe.objects import payment_method
from sandbox.stripe.objects.customer import Customer
from sandbox.stripe.objects.payment_intent import PaymentIntent
from sandbox.stripe.objects.refund import Refund, sent_back
from sandbox.stripe.records import Record, every

Asked = TypeVar("Asked", bound=BaseModel)


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class NewCard(_Body):
    """A test card for a customer, saved without asking the issuer."""

    card: str
    """Its name, its number, or `pm_card_...`."""
    exp_month: Annotated[int, Field(ge=1, le=12)] | None = None
    exp_year: Annotated[int, Field(ge=2000, le=2200)] | None = None
    set_up: bool = True
    """As if saved through a hosted page, with the cardholder present."""


class KeyLife(_Body):
    """How long idempotency keys are remembered."""

    seconds: Annotated[int, Field(ge=0, le=30 * 24 * 60 * 60)]


class SentBack(_Body):
    """A bank that sends a refund back, as for a card that was closed."""

    failure_reason: Literal["expired_or_canceled_card", "lost_or_stolen_card", "unknown"] = (
        "expired_or_canceled_card"
    )


class ForgottenKey(_Body):
    """One key, or all when None."""

    key: str | None = None


def asked(call: Call, kind: type[Asked]) -> Asked:
    """The body, validated.

    Raises:
        Refused: 422, naming each fault.
    """
    try:
        return kind.model_validate(call.json_object())
    except ValidationError as invalid:
        raise Refused(422, explained(invalid)) from invalid


def routes(kinds: Sequence[type[Record]]) -> tuple[VendorRoute, ...]:
    """Reading every kind of object, and the commands."""
    return (
        *(VendorRoute("GET", f"/_sim/{_plural(kind)}", _reader(kind)) for kind in kinds),
        VendorRoute("GET", "/_sim/test_cards", _test_cards),
        VendorRoute("POST", "/_sim/customers/{id}/cards", _add_card),
        VendorRoute("POST", "/_sim/refunds/{id}/send_back", _send_back),
        VendorRoute("GET", "/_sim/idempotency", _key_life),
        VendorRoute("POST", "/_sim/idempotency", _set_key_life),
        VendorRoute("POST", "/_sim/idempotency/forget", _forget),
    )


def _plural(kind: type[Record]) -> str:
    name: str = kind.model_fields["object"].default
    return name.replace(".", "_") + "s"


def _reader(kind: type[Record]):  # noqa: ANN202 - a Handler, which pyright infers
    fields = {"registration_id": "metadata.registration_id"}
    own = ("customer", "status", "payment_intent", "type")
    fields |= {name: name for name in own if name in kind.model_fields}

    def read(call: Call, tx: Transaction) -> Answer:
        query: Mapping[str, str] = call.request.query_params
        unknown = [name for name in query if name not in fields]
        if unknown:
            raise Refused(422, f"Filter by {', '.join(sorted(fields))}.")
        where = {fields[name]: text for name, text in query.items()}
        return Answer.of(
            {_plural(kind): [r.model_dump(mode="json") for r in every(tx, kind, where)]}
        )

    return read


def _test_cards(call: Call, tx: Transaction) -> Answer:  # noqa: ARG001 - a Handler's shape
    return Answer.of({"test_cards": [card.model_dump(mode="json") for card in CARDS]})


def _add_card(call: Call, tx: Transaction) -> Answer:
    wanted = asked(call, NewCard)
    work = work_of(call, tx)
    customer = work.find(Customer, work.path["id"])
    card = card_called(wanted.card)
    if customer is None or customer.deleted:
        raise Refused(404, "There is no such customer.")
    if card is None:
        raise Refused(422, f"card: one of {', '.join(known.name for known in CARDS)}.")
    method = payment_method.made_of(
        work, card, exp_month=wanted.exp_month, exp_year=wanted.exp_year
    )
    given = payment_method.given_to(work, method, customer.id, set_up=wanted.set_up)
    return Answer.of(given.wire(), 201)


def _send_back(call: Call, tx: Transaction) -> Answer:
    wanted = asked(call, SentBack)
    work = work_of(call, tx)
    refund = work.find(Refund, work.path["id"])
    if refund is None:
        raise Refused(404, "There is no such refund.")
    return Answer.of(sent_back(work, refund, wanted.failure_reason).wire())


def _key_life(call: Call, tx: Transaction) -> Answer:  # noqa: ARG001 - a Handler's shape
    return Answer.of({"seconds": settings.key_life(tx)})


def _set_key_life(call: Call, tx: Transaction) -> Answer:
    settings.set_key_life(tx, asked(call, KeyLife).seconds)
    return _key_life(call, tx)


def _forget(call: Call, tx: Transaction) -> Answer:
    key = asked(call, ForgottenKey).key
    work = work_of(call, tx)
    forgotten = idempotency.forget(tx, key)
    # The invariant on keys holds until a key's time is over, which is now.
    where: dict[str, Any] = {} if key is None else {"idempotency_key": key}
    for intent in every(tx, PaymentIntent, where):
        sooner = min(intent.key_expires_at, work.now)
        work.save(intent.model_copy(update={"key_expires_at": sooner}))
    return Answer.of({"forgotten": forgotten})
