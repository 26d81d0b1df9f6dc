"""A letter of each kind, about a family that does not exist."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from domain.family import Reader
from domain.mail import AboutDeletion, AboutRegistration, AboutSubscription, Letter, Matter
from domain.money import Money
from domain.refunds import FeeKept
from domain.states import FeeStatus, NotificationKind

OPENS = datetime(2026, 12, 1, 14, tzinfo=UTC)
BEGINS = datetime(2027, 1, 12, 21, 30, tzinfo=UTC)
READER = Reader(locale="en_US", time_zone="America/New_York")
PAGE = "https://pay.example/for-one-parent-alone"

REGISTRATION = AboutRegistration(
    time_zone="America/New_York",
    program="Spring Swim Team",
    organisation="Riverside Swim School",
    code="SCH-CWXD6D5K",
    opens=OPENS,
    begins=BEGINS,
    fee=Money(amount_cents=2_000),
    fee_status=FeeStatus.NOT_DUE,
)
BOOKED = REGISTRATION.model_copy(
    update={
        "booking_number": "140647314429493",
        "receipt_code": "REG-ZW3H7QPC",
        "price": Money(amount_cents=24_000),
        "fee_status": FeeStatus.PAID,
    }
)
SUBSCRIPTION = AboutSubscription(
    amount_due=Money(amount_cents=900),
    ends=OPENS + timedelta(days=30),
    card_page=PAGE,
    payment_page=f"{PAGE}/now",
)
DELETION = AboutDeletion(due=OPENS + timedelta(days=30))

UNPAID = {"fee_status": FeeStatus.DUE, "link": PAGE}
TO_APPROVE = {"fee_status": FeeStatus.REQUIRES_ACTION, "link": PAGE}
NO_CARD = "There is no card to pay with. Save one in the chat, so that we can book."
SOLD_OUT = "Every place was taken."

_ABOUT: Mapping[str, Matter] = {
    NotificationKind.SCHEDULED: REGISTRATION,
    NotificationKind.RESCHEDULED: REGISTRATION,
    NotificationKind.CANCELLED: REGISTRATION,
    NotificationKind.PROBLEM_AHEAD: REGISTRATION.model_copy(update={"why": NO_CARD}),
    NotificationKind.OPENING_TOMORROW: REGISTRATION,
    NotificationKind.PROFILE_INCOMPLETE: REGISTRATION.model_copy(update={"link": PAGE}),
    NotificationKind.BOOKED: BOOKED,
    NotificationKind.NOT_BOOKED: REGISTRATION.model_copy(update={"why": SOLD_OUT}),
    NotificationKind.UNDER_REVIEW: REGISTRATION,
    NotificationKind.FEE_DUE: BOOKED.model_copy(update=UNPAID),
    f"{NotificationKind.FEE_DUE}-to_approve": BOOKED.model_copy(update=TO_APPROVE),
    NotificationKind.FEE_PAID: BOOKED,
    NotificationKind.RECEIPT_FOLLOW_UP: BOOKED,
    NotificationKind.BOOKING_CANCELLED: BOOKED.model_copy(
        update={"kept": FeeKept.EVENT_BEGUN.in_words()}
    ),
    NotificationKind.BOOKING_LOST: BOOKED.model_copy(update={"fee_status": FeeStatus.REFUNDED}),
    NotificationKind.NOT_GIVEN_BACK: BOOKED.model_copy(
        update={"why": "The organiser takes no cancellation within two days of the beginning."}
    ),
    NotificationKind.REFUNDED: BOOKED.model_copy(update={"fee_status": FeeStatus.REFUNDED}),
    "payment_failed_immediate": SUBSCRIPTION,
    "payment_failed_7day": SUBSCRIPTION,
    "payment_failed_1day": SUBSCRIPTION,
    "downgraded": SUBSCRIPTION,
    "deletion_asked": DELETION,
    "deleted": DELETION,
}
"""By the page's name: the template, and after a hyphen which sample of it this is."""


def letters(reader: Reader = READER) -> Mapping[str, Letter]:
    """One of each, by the page's name, as that parent reads it."""
    return {
        name: Letter(
            message_id=f"<{name}@gallery.example>",
            to="maria@example.com",
            template=name.partition("-")[0],
            first_name="Maria",
            about=about,
            reader=reader,
        )
        for name, about in _ABOUT.items()
    }
