from datetime import date, timedelta

import pytest
from pydantic import SecretStr

from domain.booking import BookingOrder
from domain.family import Guardian
from gateways.bookeo import BookeoAccounts
from tests.gateways.booking.booking_worlds import child
from tests.stack.command_line import printed, said, starter
from tests.stack.parent import Draft, new_parent
from tests.stack.world import PRODUCT, World

pytestmark = pytest.mark.xdist_group("stack")


async def booked_by_phone(world: World, draft: Draft) -> str:
    """The organiser gives the place under no reference of ours; its number."""
    found = world.rows(
        "select event_id, starts_at from programs join scheduled_registrations"
        " using (provider, org_ref, program_ref, event_id) where scheduled_registrations.id = %s",
        draft.id,
    )
    ((event_id, starts_at),) = found
    bookeo = BookeoAccounts(
        world.env["BOOKEO_API_BASE"],
        secret_key=SecretStr(world.env["BOOKEO_SECRET_KEY"]),
        api_keys={"default": SecretStr(world.env["BOOKEO_API_KEY"])},
    )
    caller = Guardian(
        first_name="Ida",
        last_name="Stack",
        email="ida@example.com",
        phone="+1 212 555 0199",
        birth_date=date(1985, 4, 1),
    )
    try:
        account = bookeo.account("default")
        people = await account.people(caller, (child("Kim"),), "Cchildren")
        order = BookingOrder(
            reference="by phone",
            product_id=PRODUCT,
            event_id=event_id,
            event_start=starts_at,
            people_category="Cchildren",
            people=people,
        )
        return (await account.book(order)).booking.booking_number
    finally:
        await bookeo.aclose()


async def test_a_review_is_explained_checked_at_the_organiser_and_decided(world: World) -> None:
    parent = await new_parent(world, "ivo")
    draft = await parent.draft(timedelta(seconds=2))
    world.bookeo.add_fault("pending_approval", reference=draft.reference)
    await parent.confirm(draft)
    await parent.until(draft, status="needs_review")

    case = printed(starter(world, "review", "show", draft.code, "--json"))
    request = case["provider_shows"][0]["booking_number"]
    decide = ("review", "resolve", draft.code, "--by", "kim")
    too_early = starter(world, *decide, "--booked", request)
    world.bookeo.cancel_by_business(request)
    by_phone = await booked_by_phone(world, draft)
    not_ours = starter(world, *decide, "--booked", by_phone)
    decided = printed(
        starter(world, *decide, "--booked", by_phone, "--another-reference", "--json")
    )

    assert case["cause"] == "awaits_approval"
    assert case["provider_shows"][0]["accepted"] is False
    assert (too_early.returncode, "(awaits_approval)" in said(too_early)) == (1, True)
    assert (not_ours.returncode, "(another_reference)" in said(not_ours)) == (1, True)
    assert (decided["status"], decided["fee_status"]) == ("completed", "paid")
    assert decided["booking_number"] == by_phone
    intents = world.stripe.get("/_sim/payment_intents", registration_id=str(draft.id))
    assert [one["status"] for one in intents["payment_intents"]] == ["succeeded"]
    (receipt,) = (await parent.answer("list_receipts"))["receipts"]
    assert (receipt["receipt_code"], receipt["booking_number"]) == (
        decided["receipt_code"],
        by_phone,
    )
    verified = printed(starter(world, "audit", "verify", draft.code, "--json"))
    assert [verdict["holds"] for verdict in verified] == [True]
