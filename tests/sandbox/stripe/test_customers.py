import pytest
import stripe

from tests.sandbox.stripe.conftest import Desk


async def test_a_customer_is_created_found_by_email_and_changed(desk: Desk) -> None:
    made = await desk.client.v1.customers.create_async(
        {"email": "a@example.com", "name": "A", "metadata": {"user_id": "u1", "x": "1"}}
    )
    await desk.client.v1.customers.create_async({"email": "b@example.com"})

    found = await desk.client.v1.customers.list_async({"email": "a@example.com"})
    changed = await desk.client.v1.customers.update_async(
        made.id, {"name": "", "metadata": {"x": "", "y": "2"}}
    )

    assert [customer.id for customer in found.data] == [made.id]
    assert changed.name is None
    assert changed.email == "a@example.com"
    assert changed.metadata is not None
    assert changed.metadata.to_dict() == {"user_id": "u1", "y": "2"}


async def test_a_deleted_customer_keeps_nothing_but_the_id(desk: Desk) -> None:
    customer, card = await desk.customer_with("success")

    await desk.client.v1.customers.delete_async(customer)

    gone = await desk.client.v1.customers.retrieve_async(customer)
    assert gone.to_dict() == {"id": customer, "object": "customer", "deleted": True}
    assert (await desk.client.v1.customers.list_async()).data == []
    assert (await desk.client.v1.payment_methods.retrieve_async(card)).customer is None
    with pytest.raises(stripe.InvalidRequestError) as missing:
        await desk.charge(customer, card)
    assert missing.value.code == "resource_missing"


async def test_a_default_card_must_be_the_customers_own(desk: Desk) -> None:
    customer, card = await desk.customer_with("success")
    _, foreign = await desk.customer_with("success")

    changed = await desk.client.v1.customers.update_async(
        customer,
        {"invoice_settings": {"default_payment_method": card}},
    )

    assert changed.invoice_settings is not None
    assert changed.invoice_settings.default_payment_method == card
    with pytest.raises(stripe.InvalidRequestError):
        await desk.client.v1.customers.update_async(
            customer, {"invoice_settings": {"default_payment_method": foreign}}
        )


async def test_a_ready_made_card_is_attached_as_a_new_one_each_time(desk: Desk) -> None:
    customer = (await desk.client.v1.customers.create_async({})).id

    first = await desk.client.v1.payment_methods.attach_async(
        "pm_card_visa", {"customer": customer}
    )
    second = await desk.client.v1.payment_methods.attach_async(
        "pm_card_visa", {"customer": customer}
    )

    listed = await desk.client.v1.payment_methods.list_async({"customer": customer, "type": "card"})
    assert [method.id for method in listed.data] == [second.id, first.id]
    assert first.card is not None
    assert (first.card.brand, first.card.last4) == ("visa", "4242")


async def test_a_card_declined_at_once_cannot_be_attached(desk: Desk) -> None:
    customer = (await desk.client.v1.customers.create_async({})).id

    with pytest.raises(stripe.CardError) as declined:
        await desk.client.v1.payment_methods.attach_async(
            "pm_card_visa_chargeDeclinedInsufficientFunds", {"customer": customer}
        )

    assert declined.value.error is not None
    assert declined.value.error.decline_code == "insufficient_funds"


async def test_a_detached_card_is_gone_for_good(desk: Desk) -> None:
    customer, card = await desk.customer_with("success")

    detached = await desk.client.v1.payment_methods.detach_async(card)

    assert detached.customer is None
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        await desk.client.v1.payment_methods.attach_async(card, {"customer": customer})
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        await desk.charge(customer, card)
    with pytest.raises(stripe.InvalidRequestError) as missing:
        await desk.client.v1.customers.payment_methods.retrieve_async(customer, card)
    assert missing.value.http_status == 404


async def test_what_does_not_exist_is_a_404_in_the_path_and_a_400_in_a_parameter(
    desk: Desk,
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as in_path:
        await desk.client.v1.customers.retrieve_async("cus_none")
    with pytest.raises(stripe.InvalidRequestError) as in_parameter:
        await desk.client.v1.payment_methods.attach_async("pm_card_visa", {"customer": "cus_none"})

    assert (in_path.value.http_status, in_path.value.code) == (404, "resource_missing")
    assert (in_parameter.value.http_status, in_parameter.value.code) == (400, "resource_missing")
