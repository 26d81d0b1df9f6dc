"""A task as the extension's messages write it."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from mcp_types import CallToolResult
from pydantic import ConfigDict
from pydantic.alias_generators import to_camel

from domain.frozen import Frozen, Instant


class TaskStatus(StrEnum):
    """Of the extension's five, those that a registration can have.

    Never `input_required`: a registration waits for no answer through a task. Never `failed`: it
    is for errors of the protocol, and none outlives its own request here.
    """

    WORKING = "working"
    COMPLETED = "completed"
    """It has an outcome, booked or not: the result tells which."""
    CANCELLED = "cancelled"
    """Called off before anything was booked."""


class Task(Frozen):
    """Where the task stands. The names on the wire are the same in camel case."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    task_id: UUID
    """The registration's own."""
    status: TaskStatus
    status_message: str
    """For the parent."""
    created_at: Instant
    last_updated_at: Instant
    ttl_ms: None = None
    """Without end: a registration is kept as long as its account."""
    poll_interval_ms: int | None = None
    """In how many milliseconds to ask again, while it is working."""
    result: CallToolResult | None = None
    """What the tool's call comes to, once it is completed."""

    def wire(self) -> dict[str, Any]:
        """The members of a message: those without a value are left out, but for `ttlMs`, where
        null has a meaning.
        """
        told = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        return {**told, "ttlMs": self.ttl_ms}
