"""What the provider shows now under a registration's reference, for a person who must decide."""

from activities.reconcile import READ_MARGIN
from domain.booking import NOBODY, Booking, BookingOrder
from domain.identifiers import external_ref
from domain.registrations import Dossier
from domain.review import ReviewCase
from gateways import BookingProvider


async def under_our_reference(
    provider: BookingProvider, dossier: Dossier, case: ReviewCase
) -> list[Booking]:
    """Every booking, oldest first, cancelled ones included.

    By what changed since the first attempt: whatever was made for us is among it, and nobody
    need be searched for, or made, at the provider.

    Raises:
        ProviderError: it did not answer, or refuses our keys.
    """
    row = dossier.registration
    order = BookingOrder(
        reference=external_ref(row.id),
        product_id=row.program_ref,
        event_id=row.event_id,
        event_start=dossier.program.starts_at,
        people_category=dossier.program.people_category,
        people=NOBODY,
    )
    since = min([row.scheduled_time, *(attempt.opened_at for attempt in case.attempts)])
    return await provider.find(order, since - READ_MARGIN)
