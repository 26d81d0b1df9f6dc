"""What the activity of a recurring job is told."""

from datetime import datetime
from typing import Self

from domain.frozen import Frozen, Instant


class JobOrder(Frozen):
    """A job's own parameters, and the nominal time that it works for.

    A schedule holds one without `due`; each run adds its own.
    """

    due: Instant | None = None
    """The run's nominal time: the key of whatever the activity does, so that a repeat of it, or
    another run of the same time, does nothing twice."""

    def for_run(self, due: datetime) -> Self:
        """The same, for the run of that nominal time."""
        return self.model_copy(update={"due": due})


class EntityReport(Frozen):
    """What came of working on many things, each for itself."""

    done: int = 0
    left: int = 0
    """A run was at work on it already, or had been for the same nominal time."""
    failed: int = 0

    def __add__(self, other: "EntityReport") -> "EntityReport":
        """Both together."""
        return EntityReport(
            done=self.done + other.done,
            left=self.left + other.left,
            failed=self.failed + other.failed,
        )
