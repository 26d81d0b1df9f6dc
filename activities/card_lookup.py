"""A card saved on the hosted page, seen wherever it matters, not only when the chat asks."""

from uuid import UUID

from domain.errors import PaymentError
from domain.family import Payer
from domain.payments import CardSetup
from gateways import Payments, Records


async def with_latest_card(records: Records, payments: Payments, payer: Payer) -> Payer:
    """How they pay, with the card that the parent may have saved since.

    Raises:
        PaymentError: the payment service does not tell.
    """
    session = payer.setup_session_id
    if session is None:
        return payer
    card = await payments.card_from_setup(session)
    if card is None:
        return payer
    return await records.save_card(payer.user_id, session, card)


async def look_for_card(records: Records, payments: Payments, payer: Payer) -> bool:
    """Whether a card was found; a payment service that does not tell holds nothing up."""
    try:
        return await with_latest_card(records, payments, payer) != payer
    except PaymentError:
        return False


async def card_page(
    records: Records, payments: Payments, user_id: UUID, return_url: str
) -> CardSetup:
    """A page on which the parent saves a card: the one still open, or a new one.

    A card saved on an earlier page is kept first, so that no finished page is forgotten.

    Raises:
        PaymentError: the payment service gives no page.
    """
    payer = await with_latest_card(records, payments, await records.payer(user_id))
    known = payer.setup_session_id
    unfinished = await _open_page(payments, known)
    if unfinished is not None:
        return unfinished
    customer_id = await customer_of(records, payments, payer)
    setup = await payments.start_card_setup(customer_id, return_url)
    kept = (await records.save_card_setup(user_id, setup.session_id, known)).setup_session_id
    if kept == setup.session_id:
        return setup
    # A letter and the chat asked at once. Only the page that is remembered is ever looked up.
    return await _open_page(payments, kept) or await card_page(
        records, payments, user_id, return_url
    )


async def customer_of(records: Records, payments: Payments, payer: Payer) -> str:
    """The account's customer at the payment service, made where there is none.

    Raises:
        PaymentError: none could be made.
    """
    if payer.stripe_customer_id is not None:
        return payer.stripe_customer_id
    created = await payments.create_customer(payer.user_id)
    return (await records.save_customer(payer.user_id, created)).stripe_customer_id or created


async def _open_page(payments: Payments, session_id: str | None) -> CardSetup | None:
    return None if session_id is None else await payments.open_card_setup(session_id)
