import pytest
import stripe

from sandbox.simulator.control import ControlError
from tests.sandbox.stripe.conftest import WEBHOOK_SECRET, Desk, Receiver

PAID = "payment_intent.succeeded"


def register(desk: Desk, receiver: Receiver, *types: str) -> None:
    body = {"url": receiver.url, "enabled_events": list(types or ("*",))}
    desk.control.post("/_sim/webhook_endpoints", body)


async def test_a_payment_is_told_with_a_signature_that_the_sdk_accepts(
    desk: Desk, receiver: Receiver
) -> None:
    register(desk, receiver, "payment_intent.*")
    customer, card = await desk.customer_with("success")

    intent = await desk.charge(customer, card)

    events = await receiver.events(2)
    assert {event.type for event in events} == {"payment_intent.created", PAID}
    told = next(event for event in events if event.type == PAID)
    assert told.data.object["id"] == intent.id
    assert told.request is not None
    assert told.request.idempotency_key == "fee-r1-1"
    found = await desk.client.v1.events.retrieve_async(told.id)
    assert found.type == PAID
    listed = await desk.client.v1.events.list_async({"types": ["charge.*", PAID]})
    assert [event.type for event in listed.data] == [PAID, "charge.succeeded"]


async def test_a_delivery_that_fails_is_sent_again(desk: Desk, receiver: Receiver) -> None:
    receiver.answers.append(500)
    register(desk, receiver, PAID)

    await desk.charge(*await desk.customer_with("success"))

    first, second = await receiver.events(2)
    assert first.id == second.id
    assert receiver.received[0][0] == receiver.received[1][0]


async def test_an_event_can_be_sent_again_stale_and_forged(desk: Desk, receiver: Receiver) -> None:
    register(desk, receiver, PAID)
    await desk.charge(*await desk.customer_with("success"))
    (event,) = await receiver.events(1)
    path = f"/_sim/events/{event.id}/deliver"

    desk.control.post(path, {"copies": 2})
    assert [again.id for again in await receiver.events(3)] == [event.id] * 3
    receiver.received.clear()

    desk.control.post(path, {"stamp_offset_seconds": -400})
    with pytest.raises(stripe.SignatureVerificationError, match="tolerance"):
        await receiver.events(1)
    receiver.received.clear()

    desk.control.post(path, {"forged": True})
    with pytest.raises(stripe.SignatureVerificationError, match="No signatures found"):
        await receiver.events(1)


async def test_lost_and_doubled_webhooks(desk: Desk, receiver: Receiver) -> None:
    register(desk, receiver, PAID)
    customer, card = await desk.customer_with("success")
    desk.control.add_fault("webhook_loss", remaining=None)
    await desk.charge(customer, card)
    assert desk.control.deliveries() == []
    desk.control.clear_faults()

    desk.control.add_fault("webhook_duplicates", remaining=None, copies=3)
    desk.control.add_fault("webhook_delay", remaining=None, seconds=0.05, jitter_seconds=0.1)
    await desk.charge(customer, card, registration="r2")

    events = await receiver.events(3)
    assert len({event.id for event in events}) == 1
    assert len((await desk.client.v1.events.list_async({"type": PAID})).data) == 2


async def test_an_endpoint_is_replaced_by_url_and_can_be_removed(
    desk: Desk, receiver: Receiver
) -> None:
    register(desk, receiver, "charge.*")
    register(desk, receiver, PAID)

    (endpoint,) = desk.control.get("/_sim/webhook_endpoints")["webhook_endpoints"]
    assert endpoint["enabled_events"] == [PAID]
    assert WEBHOOK_SECRET not in str(endpoint)


async def test_another_machine_is_never_spoken_to(desk: Desk) -> None:
    with pytest.raises(ControlError, match="this machine only"):
        desk.control.post("/_sim/webhook_endpoints", {"url": "http://192.0.2.1/webhooks"})


async def test_saving_and_refunding_are_told_too(desk: Desk, receiver: Receiver) -> None:
    register(desk, receiver)
    customer, card = await desk.customer_with("success")
    intent = await desk.charge(customer, card)
    await desk.client.v1.refunds.create_async({"payment_intent": intent.id})

    types = {event.type for event in await receiver.events(7)}
    assert types == {
        "customer.created",
        "payment_method.attached",
        "payment_intent.created",
        "charge.succeeded",
        PAID,
        "refund.created",
        "charge.refunded",
    }
