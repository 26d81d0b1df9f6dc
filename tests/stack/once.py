"""Exactly once: one workflow, one booking, one charge, one receipt, and all of it on record."""

from sandbox.probe import wait_until
from tests.stack.command_line import said, starter
from tests.stack.parent import SECONDS, Draft, Parent
from tests.stack.world import PAY, SEND, World, asked


async def assert_happened_once(parent: Parent, draft: Draft, seconds: float = SECONDS) -> None:
    """Wait for the end, then look at every place where a second one would show."""
    world = parent.world
    answer = await parent.until(draft, seconds, status="completed", fee_status="paid")
    (booking,) = world.bookeo.bookings(draft.reference)
    assert not booking.canceled
    assert booking.booking_number == answer["booking_number"]
    sends = asked(world.bookeo.requests(draft.reference), SEND)
    assert len([send for send in sends if send.committed_ms is not None]) == 1
    assert_charged_once(world, draft)
    receipts = (await parent.answer("list_receipts"))["receipts"]
    codes = [one["receipt_code"] for one in receipts if one["code"] == draft.code]
    assert codes == [answer["receipt_code"]]
    assert _count(world, "registrations", "scheduled_registration_id", draft) == 1
    assert _count(world, "charges", "registration_id", draft) == 1
    assert await world.runs(draft.id) == 1
    assert wait_until(lambda: _booked_letters(parent, draft) == 1, seconds)


def assert_trails_hold(world: World, *drafts: Draft) -> None:
    """One command for all, since each starts a program."""
    verified = starter(world, "audit", "verify", *(draft.code for draft in drafts))
    assert verified.returncode == 0, said(verified)
    assert f"{len(drafts)} of {len(drafts)} hold" in verified.stdout


def assert_charged_once(world: World, draft: Draft) -> None:
    query = {"registration_id": str(draft.id)}
    (intent,) = world.stripe.get("/_sim/payment_intents", **query)["payment_intents"]
    assert intent["status"] == "succeeded"
    assert intent["amount_received"] == draft.fee_cents
    assert intent["idempotency_key"] == draft.fee(1)
    charges = asked(world.stripe.requests(draft.fee(1)), PAY)
    assert len([charge for charge in charges if charge.committed_ms is not None]) == 1


def _count(world: World, table: str, column: str, draft: Draft) -> int:
    return world.rows(f"select count(*) from {table} where {column} = %s", draft.id)[0][0]  # noqa: S608 - our own names


def _booked_letters(parent: Parent, draft: Draft) -> int:
    """Letters that say so. One may come twice, under the same Message-ID."""
    return len(
        {
            letter["message_id"]
            for letter in parent.world.letters(parent.email)
            if letter["subject"].startswith("Booked") and draft.code in letter["subject"]
        }
    )
