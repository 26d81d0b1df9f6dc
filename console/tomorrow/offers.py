"""What the organisers offer of all that opens soon: each product and slot asked for once."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from concurrency import of_each
from console.doctor.accounts import AccountLook
from console.doctor.examination import in_words
from console.doctor.findings import InPeace
from domain.booking import Product, Slot
from domain.errors import ProviderError, Rejected
from domain.refusals import Reason
from domain.registrations import Agreement
from gateways import BookingProvider

EventKey = tuple[str, str, str, str]

MOST_SLOTS = 15
"""Events of one account whose seats are asked for, soonest first: at its pace some seconds, as a
sweep takes them (`BookingSweep.per_account`). Its products are one question."""

ANSWER_WITHIN = timedelta(seconds=30)
"""Of what waits behind others for its account's pace."""

SEATS_UNTOLD = f"seats are asked for of the first {MOST_SLOTS} events of an account only"

GONE = Reason(code="provider_blocked", sentence="The organiser no longer offers this program.")


@dataclass(frozen=True)
class Offer:
    """One event, as its organiser shows it now."""

    product: Product | None = None
    """None where it was not told."""
    slot: Slot | None = None
    """None where it is not listed, which a provider need not before the opening."""
    reason: Reason | None = None
    """Why there is no product."""
    untold: str | None = None
    """What is not known, in an operator's words: its seats alone, where there is a product."""


@dataclass(frozen=True)
class Offers:
    """By event; and each account's own look."""

    looks: Mapping[tuple[str, str], AccountLook] = field(
        default_factory=dict[tuple[str, str], AccountLook]
    )
    events: Mapping[EventKey, Offer] = field(default_factory=dict[EventKey, Offer])

    def look(self, agreement: Agreement) -> AccountLook | None:
        """What came of asking its account; None where that could not be tried."""
        return self.looks.get((agreement.account.provider, agreement.account.org_ref))

    def of(self, agreement: Agreement) -> Offer:
        """What its organiser shows of its event."""
        return self.events.get(event_of(agreement), Offer(untold="it was not asked for"))


def event_of(agreement: Agreement) -> EventKey:
    """Which event it is for."""
    row = agreement.registration
    return (row.provider, row.org_ref, row.program_ref, row.event_id)


async def look_at_offers(looks: Sequence[AccountLook], agreements: Iterable[Agreement]) -> Offers:
    """Ask those accounts that were asked for their access, and answered.

    The others are left in peace: an account within three minutes of an opening has better to do.
    """
    by_account = {(look.account.provider, look.account.org_ref): look for look in looks}
    events = {event_of(one): one for one in agreements}
    places = Counter[tuple[str, str]]()

    async def look(one: Agreement) -> Offer:
        key = (one.account.provider, one.account.org_ref)
        account = by_account.get(key)
        if account is None or account.access is None or account.provider is None:
            return Offer(untold=_why_untold(account))
        places[key] += 1
        return await _asked(account.provider, one, seats=places[key] <= MOST_SLOTS)

    offers = await of_each(events.values(), look)
    return Offers(by_account, dict(zip(events, offers, strict=True)))


async def _asked(provider: BookingProvider, one: Agreement, *, seats: bool) -> Offer:
    row = one.registration
    try:
        async with asyncio.timeout(ANSWER_WITHIN.total_seconds()):
            product = await provider.product(row.program_ref)
            if not seats:
                return Offer(product, untold=SEATS_UNTOLD)
            slot = await provider.slot(
                row.program_ref, row.event_id, one.program.starts_at, ahead=True
            )
    except Rejected:
        return Offer(reason=GONE)
    except (ProviderError, TimeoutError) as failure:
        return Offer(untold=f"no answer came: {in_words(failure)}")
    return Offer(product, slot)


def _why_untold(look: AccountLook | None) -> str:
    if look is None:
        return "the accounts could not be looked at"
    if look.in_peace:
        return str(InPeace())
    return "the account did not let us in"
