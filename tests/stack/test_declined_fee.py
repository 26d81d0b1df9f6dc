import httpx
import pytest

from sandbox.probe import wait_until
from tests.stack.openings import Openings
from tests.stack.parent import SECONDS, TLS
from tests.stack.world import World

pytestmark = pytest.mark.xdist_group("stack")


async def test_a_declined_fee_leaves_the_booking_and_is_paid_by_another_card(
    openings: Openings, world: World
) -> None:
    parent, draft = openings.declined.parent, openings.declined.draft
    due = await parent.until(draft, status="completed", fee_status="due")
    (booking,) = world.bookeo.live_bookings(draft.reference)
    assert booking.booking_number == due["booking_number"]
    letters = [f"Booked: Stacking ({draft.code})", f"Payment needed: Stacking ({draft.code})"]
    assert wait_until(lambda: set(letters) <= _subjects(world, parent.email), SECONDS)

    assert (await parent.save_card("success"))["last4"] == "4242"
    paid = await parent.answer("retry_fee", registration_id=str(draft.id))

    assert (paid["status"], paid["fee_status"]) == ("completed", "paid")
    intents = world.stripe.get("/_sim/payment_intents", registration_id=str(draft.id))
    charges = {one["idempotency_key"]: one["status"] for one in intents["payment_intents"]}
    assert charges == {
        draft.fee(1): "requires_payment_method",
        draft.fee(2): "succeeded",
    }
    (receipt,) = (await parent.answer("list_receipts"))["receipts"]
    assert (receipt["receipt_code"], receipt["fee_status"]) == (due["receipt_code"], "paid")
    assert len(world.bookeo.bookings(draft.reference)) == 1
    told = f"Fee paid: Stacking ({draft.code})"
    assert wait_until(lambda: told in _subjects(world, parent.email), SECONDS)
    assert await parent.refusal("retry_fee", registration_id=str(draft.id)) != []


async def test_a_card_that_cannot_be_saved_is_said_so_on_the_page_and_nothing_is_saved(
    openings: Openings,
) -> None:
    parent = openings.twice.parent
    before = await parent.answer("get_payment_method")
    page = await parent.answer("start_card_setup")
    async with httpx.AsyncClient(verify=TLS) as browser:
        refused = await browser.post(page["url"], data={"card": "declined"})
    assert refused.status_code == httpx.codes.PAYMENT_REQUIRED
    after = await parent.answer("get_payment_method")
    assert after == before | {"setup_pending": True}


def _subjects(world: World, address: str) -> set[str]:
    return {letter["subject"] for letter in world.letters(address)}
