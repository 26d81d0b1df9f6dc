"""A letter to a parent."""

from domain.frozen import Frozen


class Letter(Frozen):
    """One mail. `message_id` is the same on every attempt, so a repeat can be recognised."""

    message_id: str
    to: str
    subject: str
    text: str

    def __repr__(self) -> str:
        return f"Letter({self.message_id})"

    __str__ = __repr__
