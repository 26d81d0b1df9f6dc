"""The letters a parent gets, in plain words."""

from domain.mail import Letter
from domain.money import Money
from domain.opening import in_words
from domain.registrations import Dossier, Notification, Registration
from domain.states import FeeStatus, NotificationKind


def compose(notification: Notification, dossier: Dossier) -> Letter:
    """The letter for one row of the outbox.

    Raises:
        ValueError: there is no guardian to write to.
    """
    guardian = dossier.guardian
    if guardian is None:
        raise ValueError("nobody to write to")
    subject, body = _words(notification, dossier)
    return Letter(
        message_id=f"<{notification.id}@signupassist>",
        to=guardian.email,
        subject=f"{subject} ({dossier.registration.code})",
        text=f"Hello {guardian.first_name},\n\n{body}\n\nSignupAssist",
    )


def _words(notification: Notification, dossier: Dossier) -> tuple[str, str]:
    row, program = dossier.registration, dossier.program.name
    opens = in_words(row.scheduled_time, row.time_zone)
    why = notification.facts.get("message") or row.error_message or ""
    match notification.kind:
        case NotificationKind.SCHEDULED:
            return f"Scheduled: {program}", (
                f"We will register you for {program} the second it opens: {opens}.\n"
                "You can change or cancel until 2 seconds before."
            )
        case NotificationKind.RESCHEDULED:
            return f"Moved: {program}", f"The opening is now {opens}. We book it that second."
        case NotificationKind.CANCELLED:
            return f"Cancelled: {program}", "Nothing was booked and nothing was charged."
        case NotificationKind.PROBLEM_AHEAD:
            return f"Please act: {program}", f"{why}\nThe opening is {opens}."
        case NotificationKind.BOOKED:
            return f"Booked: {program}", _booked(dossier)
        case NotificationKind.NOT_BOOKED:
            return f"Not booked: {program}", f"{why}\n{_not_charged(notification)}"
        case NotificationKind.UNDER_REVIEW:
            return f"We are checking: {program}", (
                "The organiser's system did not answer clearly. A person is looking at it now. "
                "Nothing was charged. Please do not book it a second time meanwhile."
            )
        case NotificationKind.FEE_DUE:
            return f"Payment needed: {program}", _fee_due(row)
        case NotificationKind.FEE_PAID:
            return f"Fee paid: {program}", f"The success fee of {row.fee} was charged. Thank you."
        case NotificationKind.BOOKING_CANCELLED:
            return f"Given back: {program}", f"Your place was given back.{_refund(row)}"
        case NotificationKind.BOOKING_LOST:
            return f"Cancelled by the organiser: {program}", (
                f"The organiser cancelled your place, number {row.booking_number}. "
                f"Please ask them why if you still want it.{_refund(row)}"
            )


def _not_charged(notification: Notification) -> str:
    if notification.facts.get("fee") == "returned":
        return "The success fee was given back to your card."
    return "Nothing was charged."


def _booked(dossier: Dossier) -> str:
    row = dossier.registration
    price = (
        f"\nThe organiser's price is {Money(amount_cents=row.price_cents, currency=row.currency)}."
        if row.price_cents is not None
        else ""
    )
    return (
        f"Your place is booked: number {row.booking_number}.{price}\n"
        f"Your receipt is {row.receipt_code}.{_fee(row)}"
    )


def _fee(row: Registration) -> str:
    if row.fee_status is FeeStatus.PAID:
        return f" The success fee of {row.fee} was charged."
    return f" The success fee of {row.fee} could not be charged yet."


def _refund(row: Registration) -> str:
    match row.fee_status:
        case FeeStatus.REFUNDED:
            return f" The success fee of {row.fee} is on its way back to your card."
        case FeeStatus.PAID:
            return f" The success fee of {row.fee} stays paid."
        case _:
            return " Nothing was charged."


def _fee_due(row: Registration) -> str:
    if row.fee_status is FeeStatus.PAID:
        return f"The success fee of {row.fee} has been charged meanwhile. Nothing is left to do."
    if row.fee_status is FeeStatus.REQUIRES_ACTION:
        return (
            f"Your place is booked. Your bank wants to approve the success fee of {row.fee} with "
            "you, which we cannot do by mail: please save another card, then ask us to try the "
            "fee again."
        )
    return (
        f"Your place is booked. The success fee of {row.fee} could not be charged yet. If your "
        "card has changed, please save another one and ask us to try the fee again."
    )
