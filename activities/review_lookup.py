"""What the provider shows now under a registration's reference, for a person who must decide."""

from activities.provider_order import booking_order
from activities.reconcile import READ_MARGIN
from domain.booking import NOBODY, Booking
from domain.registrations import Agreement
from domain.review import ReviewCase
from gateways import BookingProvider


async def under_our_reference(
    provider: BookingProvider, agreement: Agreement, case: ReviewCase
) -> list[Booking]:
    """Every booking, oldest first, cancelled ones included.

    By what changed since the first attempt: whatever was made for us is among it, and nobody
    need be searched for, or made, at the provider.

    Raises:
        ProviderError: it did not answer, or refuses our keys.
    """
    opening = agreement.registration.scheduled_time
    since = min([opening, *(attempt.opened_at for attempt in case.attempts)])
    return await provider.find(booking_order(agreement, NOBODY), since - READ_MARGIN)
