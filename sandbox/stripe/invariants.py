"""What must hold of the account whatever its client does."""

from collections import defaultdict

from sandbox.simulator.store import Transaction
from sandbox.stripe.objects.charge import Charge
from sandbox.stripe.objects.payment_intent import PaymentIntent
from sandbox.stripe.objects.refund import Refund
from sandbox.stripe.records import every


def broken(tx: Transaction) -> list[str]:
    """A sentence for each promise that the account breaks. Computed from the objects alone."""
    intents = every(tx, PaymentIntent)
    return [*_paid_twice(intents), *_key_used_twice(intents), *_money_does_not_add_up(tx, intents)]


def _paid_twice(intents: list[PaymentIntent]) -> list[str]:
    paid: defaultdict[str, list[str]] = defaultdict(list)
    for intent in intents:
        registration = intent.metadata.get("registration_id")
        if registration is not None and intent.status == "succeeded":
            paid[registration].append(intent.id)
    return [
        f"registration {registration} was charged {len(ids)} times: {', '.join(ids)}"
        for registration, ids in paid.items()
        if len(ids) > 1
    ]


def _key_used_twice(intents: list[PaymentIntent]) -> list[str]:
    latest: dict[str, PaymentIntent] = {}
    sentences: list[str] = []
    for intent in intents:
        key = intent.idempotency_key
        if key is None:
            continue
        former = latest.get(key)
        if former is not None and intent.created < former.key_expires_at:
            sentences.append(f"the key {key} made two PaymentIntents: {former.id}, {intent.id}")
        latest[key] = intent
    return sentences


def _money_does_not_add_up(tx: Transaction, intents: list[PaymentIntent]) -> list[str]:
    refunded: defaultdict[str, int] = defaultdict(int)
    for refund in every(tx, Refund):
        refunded[refund.charge] += refund.amount
    charged: defaultdict[str, int] = defaultdict(int)
    sentences: list[str] = []
    for charge in every(tx, Charge):
        charged[charge.payment_intent] += charge.amount_captured
        if refunded[charge.id] > charge.amount_captured:
            sentences.append(
                f"charge {charge.id} of {charge.amount_captured} was refunded by"
                f" {refunded[charge.id]}"
            )
    return sentences + [
        f"PaymentIntent {intent.id} received {intent.amount_received}, its charges"
        f" {charged[intent.id]}"
        for intent in intents
        if charged[intent.id] != intent.amount_received
    ]
