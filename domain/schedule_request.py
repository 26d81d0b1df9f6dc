"""What a parent asks to schedule."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from domain.frozen import Frozen
from domain.money import Cents
from domain.programs import Ref

TimeText = Annotated[str, StringConstraints(max_length=64)]
"""ISO 8601; a wall time when a zone is given beside it."""

ZoneName = Annotated[str, StringConstraints(max_length=64)]
"""An IANA name such as America/New_York."""


class ScheduleRequest(Frozen):
    """A draft as asked for. Without a time, the program's known opening is taken."""

    org_ref: Ref
    program_ref: Ref
    event_id: Ref
    child_ids: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=10)]
    max_total_cents: Cents
    """The most the parent is willing to pay in all: program and success fee."""
    scheduled_time: TimeText | None = None
    time_zone: ZoneName | None = None
