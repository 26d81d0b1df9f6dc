"""What the parent gets in hand: the receipt, and the trail of everything that happened."""

from datetime import datetime

from domain.answers import RegistrationAnswer
from domain.audit import AuditEvent, AuditVerdict, verify_chain
from domain.frozen import Frozen
from domain.money import Money
from domain.registrations import Receipt
from sandbox.complaint import SandboxError
from sandbox.demo.chat import Chat
from sandbox.demo.narrator import Narrator


class _Trail(Frozen):
    verdict: AuditVerdict
    events: tuple[AuditEvent, ...]


async def show_receipt(chat: Chat, narrator: Narrator, registration: RegistrationAnswer) -> Receipt:
    """The receipt of the booking, with how late its request left.

    Raises:
        SandboxError: the tool refused, or there is none.
    """
    narrator.parent("Did it work?")
    receipts = await chat.call_for_list("list_receipts", Receipt, among="receipts")
    own = [r for r in receipts if r.scheduled_registration_id == registration.registration_id]
    if not own:
        raise SandboxError(f"{registration.code} is booked, but list_receipts has no receipt.")
    receipt = own[0]
    narrator.tool("list_receipts", f"receipt {receipt.receipt_code}")
    rows = [
        ("Booking", f"{receipt.booking_number} at {receipt.organisation}"),
        ("Success fee", f"{_money(receipt.success_fee_cents, receipt)}, {receipt.fee_status}"),
        ("Lateness", f"the request's first byte left {lateness(receipt)}"),
    ]
    if receipt.price_cents is not None:
        price = f"{_money(receipt.price_cents, receipt)}, paid to the organiser"
        rows.insert(1, ("Price", price))
    narrator.table(rows)
    return receipt


async def show_trail(chat: Chat, narrator: Narrator, registration: RegistrationAnswer) -> None:
    """Every event, with the server's check of the hash chain and our own.

    Raises:
        SandboxError: the tool refused, or one of the checks found a fault.
    """
    trail = await chat.call(
        "get_audit_trail", _Trail, registration_id=str(registration.registration_id)
    )
    here = verify_chain(trail.events, trail.verdict.head)
    for verdict in (trail.verdict, here):
        if not verdict.holds:
            raise SandboxError(f"The audit trail does not hold: {verdict.problem}.")
    narrator.tool(
        "get_audit_trail",
        f"{here.events} events; the hash chain holds, there and recomputed here",
    )
    opening = registration.scheduled_time
    narrator.table([(_from(opening, event.at), event.kind.value) for event in trail.events])


def lateness(receipt: Receipt) -> str:
    """How long after the opening the booking was sent, in words."""
    if receipt.lateness_ms is None:
        return "at an instant that nobody noted"
    return f"{receipt.lateness_ms + (receipt.queue_delay_ms or 0)} ms after the opening"


def _money(cents: int, receipt: Receipt) -> Money:
    return Money(amount_cents=cents, currency=receipt.currency)


def _from(opening: datetime, at: datetime) -> str:
    return f"{(at - opening).total_seconds():+8.3f} s"
