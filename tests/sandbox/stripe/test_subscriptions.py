"""Subscriptions of the simulator, as Stripe's own SDK sees them month after month."""

from datetime import UTC, datetime

import httpx
import pytest
import stripe

from sandbox.stripe.objects.subscription import a_month_after
from sandbox.stripe.vendor import PRICE
from tests.sandbox.stripe.conftest import KEY, Desk, Receiver

DAY = 24 * 60 * 60


async def opened(desk: Desk, customer: str) -> stripe.checkout.Session:
    return await desk.client.v1.checkout.sessions.create_async(
        {
            "mode": "subscription",
            "customer": customer,
            "line_items": [{"price": PRICE, "quantity": 1}],
            "success_url": "http://127.0.0.1:9/done",
            "subscription_data": {"metadata": {"user_id": "u1"}},
        }
    )


async def subscribed(
    desk: Desk, browser: httpx.AsyncClient, card: str = "success"
) -> stripe.Subscription:
    customer = await desk.client.v1.customers.create_async({})
    session = await opened(desk, customer.id)
    answer = await browser.post(f"/checkout/{session.id}", data={"card": card})
    assert answer.status_code == 303
    done = await desk.client.v1.checkout.sessions.retrieve_async(
        session.id, {"expand": ["subscription.default_payment_method"]}
    )
    assert (done.status, done.payment_status) == ("complete", "paid")
    assert isinstance(done.subscription, stripe.Subscription)
    return done.subscription


def days_pass(desk: Desk, days: float) -> None:
    desk.control.post("/_sim/clock", {"seconds": int(days * DAY)})


def bank_declines(desk: Desk, plan: stripe.Subscription, card: str = "insufficient_funds") -> None:
    method = plan.default_payment_method
    assert isinstance(method, stripe.PaymentMethod)
    desk.control.post(f"/_sim/payment_methods/{method.id}/behaviour", {"card": card})


async def latest(desk: Desk, plan: stripe.Subscription) -> stripe.Invoice:
    now = await desk.client.v1.subscriptions.retrieve_async(plan.id, {"expand": ["latest_invoice"]})
    assert isinstance(now.latest_invoice, stripe.Invoice)
    return now.latest_invoice


async def test_a_parent_subscribes_on_the_hosted_page_and_pays_the_first_month(
    desk: Desk, browser: httpx.AsyncClient
) -> None:
    plan = await subscribed(desk, browser)

    (item,) = plan.items.data
    assert (plan.status, item.price.id) == ("active", PRICE)
    assert plan.metadata.to_dict() == {"user_id": "u1"}
    assert item.current_period_end == a_month_after(item.current_period_start)
    invoice = await latest(desk, plan)
    assert (invoice.status, invoice.amount_paid) == ("paid", 1_200)
    assert invoice.parent is not None
    assert invoice.parent.subscription_details is not None
    assert invoice.parent.subscription_details.subscription == plan.id
    assert desk.control.invariants().holds


async def test_a_card_that_is_declined_keeps_the_page_open_and_makes_no_subscription(
    desk: Desk, browser: httpx.AsyncClient
) -> None:
    customer = await desk.client.v1.customers.create_async({})
    session = await opened(desk, customer.id)

    for card in ("declined", "declined_when_charged"):
        refused = await browser.post(f"/checkout/{session.id}", data={"card": card})
        assert refused.status_code == 402

    assert "12.00 USD are charged now" in (await browser.get(f"/checkout/{session.id}")).text
    listed = await desk.client.v1.subscriptions.list_async({"customer": customer.id})
    assert listed.data == []


async def test_each_month_is_billed_once_however_many_pass_at_once(
    desk: Desk, browser: httpx.AsyncClient
) -> None:
    plan = await subscribed(desk, browser)

    days_pass(desk, 100)

    listed = await desk.client.v1.invoices.list_async({"subscription": plan.id})
    assert [invoice.status for invoice in listed.data] == ["paid"] * 4
    made = [invoice.created for invoice in reversed(listed.data)]
    start = plan.items.data[0].current_period_start
    for created in made:
        assert created == start
        start = a_month_after(start)


async def test_an_unpaid_month_is_tried_again_and_stays_past_due(
    desk: Desk, browser: httpx.AsyncClient, receiver: Receiver
) -> None:
    hook = {"url": receiver.url, "enabled_events": ["invoice.payment_failed"]}
    desk.control.post("/_sim/webhook_endpoints", hook)
    plan = await subscribed(desk, browser)
    bank_declines(desk, plan)

    days_pass(desk, 31)

    assert (await desk.client.v1.subscriptions.retrieve_async(plan.id)).status == "past_due"
    owed = await latest(desk, plan)
    assert (owed.status, owed.attempted) == ("open", True)
    assert owed.next_payment_attempt is not None
    days_pass(desk, 29)
    events = await receiver.events(6)
    assert {event.data.object["id"] for event in events} >= {owed.id}
    tried = await desk.client.v1.invoices.retrieve_async(owed.id)
    assert (tried.status, tried.next_payment_attempt) == ("open", None)


async def test_a_month_is_paid_with_another_card_and_only_once(
    desk: Desk, browser: httpx.AsyncClient
) -> None:
    plan = await subscribed(desk, browser)
    bank_declines(desk, plan)
    days_pass(desk, 31)
    owed = await latest(desk, plan)
    with pytest.raises(stripe.CardError) as declined:
        await desk.client.v1.invoices.pay_async(owed.id)
    assert declined.value.error is not None
    assert declined.value.error.decline_code == "insufficient_funds"
    path = f"/_sim/customers/{owed.customer}/cards"
    better = desk.control.post(path, {"card": "mastercard"})["id"]

    paid = await desk.client.v1.invoices.pay_async(owed.id, {"payment_method": better})

    assert (paid.status, paid.amount_paid) == ("paid", 1_200)
    assert (await desk.client.v1.subscriptions.retrieve_async(plan.id)).status == "active"
    for again in (
        desk.client.v1.invoices.pay_async(owed.id),
        desk.client.v1.invoices.void_invoice_async(owed.id),
    ):
        with pytest.raises(stripe.InvalidRequestError):
            await again
    assert desk.control.invariants().holds


async def test_a_month_is_paid_on_its_own_page(desk: Desk, browser: httpx.AsyncClient) -> None:
    plan = await subscribed(desk, browser)
    bank_declines(desk, plan)
    days_pass(desk, 31)
    owed = await latest(desk, plan)
    assert owed.hosted_invoice_url is not None
    assert "Pay 12.00 USD" in (await browser.get(owed.hosted_invoice_url)).text

    refused = await browser.post(owed.hosted_invoice_url, data={"card": "insufficient_funds"})
    assert refused.status_code == 402
    await browser.post(owed.hosted_invoice_url, data={"card": "mastercard"})

    assert (await latest(desk, plan)).status == "paid"
    assert "paid" in (await browser.get(owed.hosted_invoice_url)).text
    assert (await browser.get("/invoice/in_none")).status_code == 404


async def test_what_was_voided_is_never_paid(desk: Desk, browser: httpx.AsyncClient) -> None:
    plan = await subscribed(desk, browser)
    bank_declines(desk, plan)
    days_pass(desk, 31)
    owed = await latest(desk, plan)

    voided = await desk.client.v1.invoices.void_invoice_async(owed.id)

    assert voided.status == "void"
    bank_declines(desk, plan, "success")
    days_pass(desk, 10)
    assert (await latest(desk, plan)).status == "void"
    assert (await desk.client.v1.subscriptions.retrieve_async(plan.id)).status == "active"


async def test_one_that_is_cancelled_ends_with_its_period_unless_that_is_taken_back(
    desk: Desk, browser: httpx.AsyncClient
) -> None:
    subscriptions = desk.client.v1.subscriptions
    plan = await subscribed(desk, browser)
    await subscriptions.update_async(plan.id, {"cancel_at_period_end": True})
    back = await subscriptions.update_async(plan.id, {"cancel_at_period_end": False})
    assert (back.cancel_at_period_end, back.cancel_at) == (False, None)
    days_pass(desk, 31)
    ending = await subscriptions.update_async(plan.id, {"cancel_at_period_end": True})
    assert ending.cancel_at == ending.items.data[0].current_period_end

    days_pass(desk, 31)

    over = await subscriptions.retrieve_async(plan.id)
    assert (over.status, over.ended_at) == ("canceled", ending.cancel_at)
    assert (await subscriptions.list_async({"customer": str(over.customer)})).data == []
    (listed,) = (await subscriptions.list_async({"status": "all"})).data
    assert listed.id == plan.id
    for change in (
        subscriptions.update_async(plan.id, {"cancel_at_period_end": False}),
        subscriptions.cancel_async(plan.id),
    ):
        with pytest.raises(stripe.InvalidRequestError):
            await change


async def test_after_the_end_nothing_is_collected_any_more(
    desk: Desk, browser: httpx.AsyncClient
) -> None:
    plan = await subscribed(desk, browser)
    bank_declines(desk, plan)
    days_pass(desk, 31)

    assert (await desk.client.v1.subscriptions.cancel_async(plan.id)).status == "canceled"
    bank_declines(desk, plan, "success")
    days_pass(desk, 90)

    listed = await desk.client.v1.invoices.list_async({"subscription": plan.id})
    assert [invoice.status for invoice in listed.data] == ["open", "paid"]


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"line_items[0][price]": "price_none"}, "line_items[0][price]"),
        ({"line_items[0][price]": None}, "line_items"),
        ({"line_items[0][quantity]": "2"}, "line_items[0][quantity]"),
        ({"customer": "cus_none"}, "customer"),
    ],
)
async def test_a_page_that_stripe_would_refuse_is_refused(
    desk: Desk, browser: httpx.AsyncClient, change: dict[str, str | None], param: str
) -> None:
    customer = await desk.client.v1.customers.create_async({})
    form = {
        "mode": "subscription",
        "customer": customer.id,
        "line_items[0][price]": PRICE,
        "success_url": "http://127.0.0.1:9/done",
        **change,
    }
    answer = await browser.post(
        "/v1/checkout/sessions",
        data={name: text for name, text in form.items() if text is not None},
        headers={"authorization": f"Bearer {KEY}"},
    )

    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == param


async def test_the_price_is_there_also_after_a_reset(desk: Desk) -> None:
    price = await desk.client.v1.prices.retrieve_async(PRICE)
    assert (price.unit_amount, price.currency) == (1_200, "usd")
    assert price.recurring is not None
    assert price.recurring.interval == "month"


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2027-01-31T12:00", "2027-02-28T12:00"),
        ("2028-01-31T12:00", "2028-02-29T12:00"),
        ("2027-12-05T23:59", "2028-01-05T23:59"),
    ],
)
def test_a_month_ends_on_the_same_day_or_on_the_last_one(start: str, end: str) -> None:
    def unix(text: str) -> int:
        return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())

    assert a_month_after(unix(start)) == unix(end)
