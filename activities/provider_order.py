"""One registration in the provider's terms: who, what, and under which reference."""

from domain.booking import BookingOrder, ProviderPeople
from domain.errors import Rejected
from domain.identifiers import external_ref
from domain.registrations import Agreement, Dossier
from gateways import BookingProvider


async def family_at(provider: BookingProvider, dossier: Dossier) -> ProviderPeople:
    """The provider's own ids of the family.

    Raises:
        Rejected: `no_guardian`, or as the provider refused.
    """
    if dossier.guardian is None:
        raise Rejected("no_guardian", "there is no guardian to book for")
    return await provider.people(
        dossier.guardian, dossier.children, dossier.program.people_category
    )


def booking_order(agreement: Agreement, people: ProviderPeople) -> BookingOrder:
    """What is sent for the registration, and what it is found again by."""
    row = agreement.registration
    return BookingOrder(
        reference=external_ref(row.id),
        product_id=row.program_ref,
        event_id=row.event_id,
        event_start=agreement.program.starts_at,
        people_category=agreement.program.people_category,
        people=people,
    )
