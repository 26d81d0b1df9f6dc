from datetime import datetime

from domain.frozen import Frozen
from domain.outbox import Refusal
from domain.registrations import Notification


class OutboxRow(Frozen):
    """A notification, when its letter went out, and who is at it."""

    notification: Notification
    created_at: datetime
    sent_at: datetime | None = None
    tries: int = 0
    next_try_at: datetime | None = None
    claimed_by: str | None = None
    claimed_until: datetime | None = None
    refusal: Refusal | None = None
