"""What letters say of the success fee."""

from domain.refunds import FeeKept
from domain.registrations import Notification, Registration
from domain.states import FeeStatus


def fee_in_booked(row: Registration) -> str:
    """The last sentence of "your place is booked"."""
    if row.fee_status is FeeStatus.PAID:
        return f" The success fee of {row.fee} was charged."
    return f" The success fee of {row.fee} could not be charged yet."


def fee_paid(row: Registration) -> str:
    """That it was charged."""
    if row.fee_status is FeeStatus.REFUNDED:
        return f"The success fee of {row.fee} was charged, and has been given back since."
    return f"The success fee of {row.fee} was charged. Thank you."


def fee_due(row: Registration, link: str | None) -> str:
    """What is left to do; `link` leads to the bank's question, or to a page for another card."""
    if row.fee_status is FeeStatus.REQUIRES_ACTION:
        return _approval(row, link)
    if row.fee_status is not FeeStatus.DUE:
        return _settled_meanwhile(row)
    where = f"on this page:\n{link}\nThen" if link else "and then"
    return (
        f"Your place is booked. The success fee of {row.fee} could not be charged yet. If your "
        f"card has changed, please save another one {where} ask us in the chat to try the fee "
        "again."
    )


def _approval(row: Registration, link: str | None) -> str:
    asks = f"Your place is booked. Your bank wants you to approve the success fee of {row.fee}"
    if link is None:
        return (
            f"{asks}. Please ask us in the chat for the page to do it on, or save another card "
            "and ask us to try the fee again."
        )
    return (
        f"{asks}, on this page:\n{link}\n"
        "Nothing is charged before you do. If you would rather use another card, save one in the "
        "chat and ask us to try the fee again."
    )


def _settled_meanwhile(row: Registration) -> str:
    if row.fee_status is FeeStatus.PAID:
        return f"The success fee of {row.fee} has been charged meanwhile. Nothing is left to do."
    return "Your place was given back meanwhile. No success fee is left to pay."


def fee_after_cancelling(row: Registration, notification: Notification) -> str:
    """What became of the fee of a booking that is no more."""
    match row.fee_status:
        case FeeStatus.REFUNDED:
            return f" The success fee of {row.fee} is on its way back to your card."
        case FeeStatus.PAID:
            kept = notification.facts.get("kept")
            why = FeeKept(kept).in_words() if kept else f"The success fee of {row.fee} stays paid."
            return f" {why}"
        case _:
            return " Nothing was charged."
