"""A card saved on the hosted page, seen wherever it matters, not only when the chat asks."""

from domain.errors import PaymentError
from domain.family import Profile
from gateways import Payments, Records


async def with_latest_card(records: Records, payments: Payments, profile: Profile) -> Profile:
    """The profile, with the card that the parent may have saved since.

    Raises:
        PaymentError: the payment service does not tell.
    """
    session = profile.setup_session_id
    if session is None:
        return profile
    card = await payments.card_from_setup(session)
    if card is None:
        return profile
    return await records.save_card(profile.user_id, session, card)


async def look_for_card(records: Records, payments: Payments, profile: Profile) -> bool:
    """Whether a card was found; a payment service that does not tell holds nothing up."""
    try:
        return await with_latest_card(records, payments, profile) != profile
    except PaymentError:
        return False
