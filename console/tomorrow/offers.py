"""What the organisers offer of all that opens soon: each product and slot asked for once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from console.concurrency import of_each
from console.doctor.accounts import AccountLook
from domain.booking import Product, Slot
from domain.errors import ProviderError, Rejected, Unauthorised
from domain.refusals import Reason
from domain.registrations import Agreement
from gateways import BookingProvider

EventKey = tuple[str, str, str, str]

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
    """Why nothing is known of it, in an operator's words."""


@dataclass(frozen=True)
class Offers:
    """By event; and each account's own look."""

    looks: Mapping[tuple[str, str], AccountLook] = field(
        default_factory=dict[tuple[str, str], AccountLook]
    )
    events: Mapping[EventKey, Offer] = field(default_factory=dict[EventKey, Offer])

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

    async def look(one: Agreement) -> Offer:
        account = by_account.get((one.account.provider, one.account.org_ref))
        if account is None or account.access is None or account.provider is None:
            return Offer(untold=_why_untold(account))
        return await _asked(account.provider, one)

    offers = await of_each(events.values(), look)
    return Offers(by_account, dict(zip(events, offers, strict=True)))


async def _asked(provider: BookingProvider, one: Agreement) -> Offer:
    row = one.registration
    try:
        product = await provider.product(row.program_ref)
        slot = await provider.slot(row.program_ref, row.event_id, one.program.starts_at, ahead=True)
    except Rejected:
        return Offer(reason=GONE)
    except ProviderError as failure:
        refused = isinstance(failure, Unauthorised)
        return Offer(untold="our keys were refused" if refused else f"no answer came ({failure})")
    return Offer(product, slot)


def _why_untold(look: AccountLook | None) -> str:
    if look is None:
        return "the accounts could not be looked at"
    if look.failure is None:
        return "its pace belongs to an opening now"
    return "the account did not let us in"
