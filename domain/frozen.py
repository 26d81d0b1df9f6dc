"""The one base of every value that crosses a boundary."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict


def _as_utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_as_utc)]
"""A moment in time: always aware, always UTC. A naive time is refused."""


class Frozen(BaseModel):
    """An immutable value.

    Unknown fields are ignored rather than refused: a payload written by a newer release
    must stay readable by an older worker while both are deployed side by side. A validation
    error quotes no input: it may be logged, and the input may be about a person.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Private(Frozen):
    """A value about a person: whoever prints it sees its type alone."""

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        return ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    __str__ = __repr__
