"""Which story leads to which step."""

from collections.abc import Mapping

from tests.chaos.later_stories import (
    APPROVAL_ASKED,
    ASKED_AFTER,
    DECIDED_BY_A_PERSON,
    GIVEN_BACK,
    LETTERS_TRIED,
    LOOKED_AT_AGAIN,
    REMINDED,
    TAKEN_BACK,
)
from tests.chaos.stories import BOOKED, CANCELLED, FEE_PAID_LATER, MOVED, WITHDRAWN, Story

STORIES: Mapping[str, Story] = {
    "settle_fee": FEE_PAID_LATER,
    "retry_fee": FEE_PAID_LATER,
    "ask_release": CANCELLED,
    "cancel_registration": CANCELLED,
    "cancel": CANCELLED,
    "reschedule_registration": MOVED,
    "reschedule": MOVED,
    "revoke_mandate": WITHDRAWN,
    "check_cancellation": GIVEN_BACK,
    "cancel_booking": GIVEN_BACK,
    "stand_down": GIVEN_BACK,
    "settle_outstanding_charge": GIVEN_BACK,
    "refund_fee": GIVEN_BACK,
    "finish_cancellation": GIVEN_BACK,
    "find_noticed": TAKEN_BACK,
    "look_again": TAKEN_BACK,
    "look_at_fee": APPROVAL_ASKED,
    "sweep_fees": APPROVAL_ASKED,
    "check_review": DECIDED_BY_A_PERSON,
    "resolve_review": DECIDED_BY_A_PERSON,
    "sweep_bookings": LOOKED_AT_AGAIN,
    "sweep_registrations": ASKED_AFTER,
    "sweep_letters": LETTERS_TRIED,
    "owe_reminders": REMINDED,
    "send_reminders": REMINDED,
}
"""By activity or update; any other is met on the common way."""


def story_of(step: str) -> Story:
    """The story in which that activity or update happens."""
    return STORIES.get(step, BOOKED)
