"""The audit trail: a SHA-256 chain per registration, verifiable without trusting the database.

Each event's hash covers the canonical JSON of the event and the hash before it. Canonical means
RFC 8785 restricted to what events hold (objects, arrays, strings, integers, booleans, null):
keys sorted by code point, no white space, no escaping beyond what JSON demands.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from domain.frozen import Frozen, Instant
from domain.states import AuditKind

GENESIS = "0" * 64
"""What the first event of a chain names as the hash before it."""


class AuditEvent(Frozen):
    """One row of `audit_events`."""

    registration_id: UUID
    seq: int
    """From 1, without gaps."""
    kind: AuditKind
    detail: dict[str, Any]
    """Ids, states, amounts and instants. Nothing personal."""
    operation_key: str
    at: Instant
    at_text: str
    """The instant exactly as it was hashed: UTC, microseconds, `Z`."""
    prev_hash: str
    hash: str


class AuditVerdict(Frozen):
    """Whether a chain is whole."""

    holds: bool
    events: int
    head: str | None
    problem: str | None = None
    """The first fault found, in an operator's words."""


def canonical_json(value: object) -> str:
    """The one text of a JSON value: the same in every language that follows RFC 8785."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def event_hash(event: AuditEvent) -> str:
    """The hash the event must carry, as 64 hex digits."""
    body = canonical_json(
        {
            "at": event.at_text,
            "detail": event.detail,
            "kind": event.kind.value,
            "operation_key": event.operation_key,
            "prev_hash": event.prev_hash,
            "registration_id": str(event.registration_id),
            "seq": event.seq,
        }
    )
    return hashlib.sha256(body.encode()).hexdigest()


def verify_chain(events: Sequence[AuditEvent], expected_head: str | None = None) -> AuditVerdict:
    """Check a registration's events, in order of `seq`.

    `expected_head` is the head that the workflow kept in its own history, or the row's: a tail
    that was cut off, or a chain recomputed as a whole, ends in another one.
    """
    before = GENESIS
    for place, event in enumerate(events, start=1):
        if event.seq != place:
            return _broken(events, f"event {place} is missing")
        if event.prev_hash != before:
            return _broken(events, f"event {place} does not follow the one before it")
        if event.hash != event_hash(event):
            return _broken(events, f"event {place} was altered")
        before = event.hash
    if not events:
        return AuditVerdict(holds=False, events=0, head=None, problem="there are no events")
    if expected_head is not None and expected_head != before:
        return _broken(events, "the chain does not end where its registration says it does")
    return AuditVerdict(holds=True, events=len(events), head=before)


def _broken(events: Sequence[AuditEvent], problem: str) -> AuditVerdict:
    return AuditVerdict(holds=False, events=len(events), head=events[-1].hash, problem=problem)
