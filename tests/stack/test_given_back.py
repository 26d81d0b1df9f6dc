import httpx
import pytest

from sandbox.probe import wait_until
from tests.stack.openings import Openings
from tests.stack.parent import SECONDS, TLS
from tests.stack.world import World

pytestmark = pytest.mark.xdist_group("stack")


async def test_a_fee_the_bank_asks_about_is_approved_and_refunded_with_the_booking_given_back(
    openings: Openings, world: World
) -> None:
    parent, draft = openings.given_back.parent, openings.given_back.draft
    asked = await parent.until(draft, status="completed", fee_status="requires_action")
    letter = f"Payment needed: Stacking ({draft.code})"
    assert wait_until(lambda: letter in _letters(world, parent.email), SECONDS)
    assert asked["fee_action_url"] in _letters(world, parent.email)[letter]

    async with httpx.AsyncClient(verify=TLS, follow_redirects=True) as browser:
        page = await browser.post(asked["fee_action_url"], data={"answer": "approve"})
    assert (page.status_code, "Payment approved." in page.text) == (httpx.codes.OK, True)
    paid = await parent.answer("retry_fee", registration_id=str(draft.id))

    assert (paid["fee_status"], paid["fee_action_url"]) == ("paid", None)
    (intent,) = world.stripe.get("/_sim/payment_intents", registration_id=str(draft.id))[
        "payment_intents"
    ]
    assert (intent["idempotency_key"], intent["status"]) == (draft.fee(1), "succeeded")

    for _ in range(2):
        gone = await parent.answer("cancel_registration", registration_id=str(draft.id))
        assert (gone["status"], gone["fee_status"]) == ("cancelled", "refunded")
    assert world.bookeo.live_bookings(draft.reference) == []
    refunds = world.stripe.get("/_sim/refunds", registration_id=str(draft.id))["refunds"]
    assert [one["amount"] for one in refunds] == [draft.fee_cents]
    given_back = f"Given back: Stacking ({draft.code})"
    assert wait_until(lambda: given_back in _letters(world, parent.email), SECONDS)


def _letters(world: World, address: str) -> dict[str, str]:
    return {letter["subject"]: letter["text"] for letter in world.letters(address)}
