"""What the booking providers have under our references since an instant."""

from datetime import datetime
from uuid import UUID

from domain.booking import Booking
from domain.errors import OutsideError, ProviderError, Unauthorised
from domain.frozen import Frozen
from domain.identifiers import registration_of
from domain.programs import ProviderAccount
from gateways import BookingProviders


class FoundBooking(Frozen):
    """A booking that names one of our registrations."""

    registration_id: UUID
    provider: str
    org_ref: str
    number: str
    cancelled: bool

    @property
    def identity(self) -> tuple[str, str]:
        """What it is known by: numbers are a provider's own."""
        return self.provider, self.number

    @property
    def in_words(self) -> str:
        """For a sentence."""
        return f"booking {self.number} at {self.provider} organisation {self.org_ref}"


class AccountLook(Frozen):
    """What one account has of ours."""

    bookings: tuple[FoundBooking, ...] = ()
    refused: bool = False
    """It refuses our keys: nothing can be booked there either."""


async def look(
    providers: BookingProviders, account: ProviderAccount, since: datetime
) -> AccountLook:
    """Every booking of ours made or changed there since then.

    Raises:
        OutsideError: no answer; the same call may be repeated.
    """
    try:
        provider = providers.account(account.credentials_ref, account.pace)
        changed = await provider.changed_since(since)
    except Unauthorised:
        return AccountLook(refused=True)
    except ProviderError as silent:
        raise OutsideError(
            f"{account.provider} organisation {account.org_ref} gave no list of bookings: "
            f"{silent}. Bookings stay paused: repeat this command when it answers."
        ) from silent
    found = (_ours(booking, account) for booking in changed)
    return AccountLook(bookings=tuple(booking for booking in found if booking is not None))


def _ours(booking: Booking, account: ProviderAccount) -> FoundBooking | None:
    registration_id = registration_of(booking.reference)
    if registration_id is None:
        return None
    return FoundBooking(
        registration_id=registration_id,
        provider=account.provider,
        org_ref=account.org_ref,
        number=booking.booking_number,
        cancelled=booking.cancelled,
    )
