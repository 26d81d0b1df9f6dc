"""The letters a parent gets, in plain words."""

from collections.abc import Callable
from dataclasses import dataclass

from domain.fee_letters import fee_after_cancelling, fee_due, fee_in_booked, fee_paid
from domain.mail import Letter
from domain.money import Money
from domain.opening import in_words
from domain.registrations import Dossier, Notification, Registration
from domain.states import NotificationKind


def compose(notification: Notification, dossier: Dossier, link: str | None = None) -> Letter:
    """The letter for one row of the outbox.

    Args:
        notification: what to tell.
        dossier: as things stand now.
        link: where the parent can act on a fee that is due; it goes nowhere but into the letter.

    Raises:
        ValueError: there is no guardian to write to.
    """
    guardian = dossier.guardian
    if guardian is None:
        raise ValueError("nobody to write to")
    facts = _Facts(notification, dossier, link)
    subject, words = _LETTERS[notification.kind]
    return Letter(
        message_id=f"<{notification.id}@signupassist>",
        to=guardian.email,
        subject=f"{subject}: {facts.program} ({facts.row.code})",
        text=f"Hello {guardian.first_name},\n\n{words(facts)}\n\nSignupAssist",
    )


@dataclass(frozen=True)
class _Facts:
    notification: Notification
    dossier: Dossier
    link: str | None

    @property
    def row(self) -> Registration:
        return self.dossier.registration

    @property
    def program(self) -> str:
        return self.dossier.program.name

    @property
    def opens(self) -> str:
        return in_words(self.row.scheduled_time, self.row.time_zone)

    @property
    def why(self) -> str:
        return self.notification.facts.get("message") or self.row.error_message or ""

    @property
    def fee_after_cancelling(self) -> str:
        return fee_after_cancelling(self.row, self.notification)


def _scheduled(facts: _Facts) -> str:
    return (
        f"We will register you for {facts.program} the second it opens: {facts.opens}.\n"
        "You can change or cancel until 2 seconds before."
    )


def _rescheduled(facts: _Facts) -> str:
    return f"The opening is now {facts.opens}. We book it that second."


def _cancelled(_facts: _Facts) -> str:
    return "Nothing was booked and nothing was charged."


def _problem_ahead(facts: _Facts) -> str:
    return f"{facts.why}\nThe opening is {facts.opens}."


def _booked(facts: _Facts) -> str:
    row = facts.row
    price = (
        f"\nThe organiser's price is {Money(amount_cents=row.price_cents, currency=row.currency)}."
        if row.price_cents is not None
        else ""
    )
    return (
        f"Your place is booked: number {row.booking_number}.{price}\n"
        f"Your receipt is {row.receipt_code}.{fee_in_booked(row)}"
    )


def _not_booked(facts: _Facts) -> str:
    if facts.notification.facts.get("fee") == "returned":
        return f"{facts.why}\nThe success fee was given back to your card."
    return f"{facts.why}\nNothing was charged."


def _under_review(facts: _Facts) -> str:
    if facts.notification.facts.get("fee") == "open":
        return (
            "We could not write down for certain what came of your booking. A person is looking at "
            "it now. The success fee may have been charged; it is settled with their answer, and "
            "given back if you have no place. Please do not book it a second time meanwhile."
        )
    return (
        "The organiser's system did not answer clearly. A person is looking at it now. "
        "Nothing was charged. Please do not book it a second time meanwhile."
    )


def _fee_due(facts: _Facts) -> str:
    return fee_due(facts.row, facts.link)


def _fee_paid(facts: _Facts) -> str:
    return fee_paid(facts.row)


def _booking_cancelled(facts: _Facts) -> str:
    return f"Your place was given back.{facts.fee_after_cancelling}"


def _booking_lost(facts: _Facts) -> str:
    return (
        f"The organiser cancelled your place, number {facts.row.booking_number}. "
        f"Please ask them why if you still want it.{facts.fee_after_cancelling}"
    )


def _not_given_back(facts: _Facts) -> str:
    return (
        f"You asked us to give your place back, number {facts.row.booking_number}. It could not be "
        f"done, so the place is still yours and the fee stays as it is.\n{facts.why}"
    )


_LETTERS: dict[NotificationKind, tuple[str, Callable[[_Facts], str]]] = {
    NotificationKind.SCHEDULED: ("Scheduled", _scheduled),
    NotificationKind.RESCHEDULED: ("Moved", _rescheduled),
    NotificationKind.CANCELLED: ("Cancelled", _cancelled),
    NotificationKind.PROBLEM_AHEAD: ("Please act", _problem_ahead),
    NotificationKind.BOOKED: ("Booked", _booked),
    NotificationKind.NOT_BOOKED: ("Not booked", _not_booked),
    NotificationKind.UNDER_REVIEW: ("We are checking", _under_review),
    NotificationKind.FEE_DUE: ("Payment needed", _fee_due),
    NotificationKind.FEE_PAID: ("Fee paid", _fee_paid),
    NotificationKind.BOOKING_CANCELLED: ("Given back", _booking_cancelled),
    NotificationKind.NOT_GIVEN_BACK: ("Not given back", _not_given_back),
    NotificationKind.BOOKING_LOST: ("Cancelled by the organiser", _booking_lost),
}
"""Each kind's subject, before the program's name, and its words."""
