"""How far a long activity has come, for the try that follows one which died."""

from typing import Generic, TypeVar

from pydantic import ValidationError
from temporalio import activity

from domain.frozen import Frozen

T = TypeVar("T", bound=Frozen)


class Progress(Generic[T]):
    """Goes out with every heartbeat that has its `details`, and is known to the next try.

    Temporal gets it a little later than it is noted, by up to four fifths of the heartbeat
    time-out: what was done since is done again, so every step of it has to be idempotent.

    Attributes:
        reached: where the work is. Set it when a step is done.
    """

    def __init__(self, beginning: T) -> None:
        """Where the last try was, as far as it told; `beginning` where there was none."""
        self.reached: T = _told(type(beginning)) or beginning

    def details(self) -> tuple[T]:
        """For `heartbeating`."""
        return (self.reached,)


def _told(kind: type[T]) -> T | None:
    details = activity.info().heartbeat_details
    try:
        return kind.model_validate(details[0]) if details else None
    except ValidationError:
        # Another release's. Nothing is lost by beginning anew but time.
        return None
