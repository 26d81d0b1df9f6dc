"""A letter to a parent."""

from domain.frozen import Private


class Letter(Private):
    """One mail. `message_id` is the same on every attempt, so a repeat can be recognised."""

    message_id: str
    to: str
    subject: str
    text: str
