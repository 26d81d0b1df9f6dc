from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from domain.audit import GENESIS, AuditEvent, event_hash
from domain.states import AuditKind


def appended(
    trail: Sequence[AuditEvent],
    registration_id: UUID,
    kind: AuditKind,
    detail: dict[str, Any],
    operation_key: str,
    at: datetime,
) -> AuditEvent:
    """The event that follows the trail, with its hash."""
    event = AuditEvent(
        registration_id=registration_id,
        seq=len(trail) + 1,
        kind=kind,
        detail=detail,
        operation_key=operation_key,
        at=at,
        at_text=instant_text(at),
        prev_hash=trail[-1].hash if trail else GENESIS,
        hash="",
    )
    return event.model_copy(update={"hash": event_hash(event)})


def instant_text(instant: datetime) -> str:
    """The instant as it is hashed: UTC, microseconds, `Z`."""
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
