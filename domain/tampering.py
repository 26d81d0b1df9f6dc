"""What was done to an audit chain that does not hold: named, from the chain and who remembers it.

Whoever owns the database can alter any row, recompute every hash and fit the registration's own
row. What he cannot reach is the workflow's history, which keeps the head of the chain after each
transition (`Standing.audit_head`).
"""

from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise

from domain.audit import AuditEvent, event_hash
from domain.frozen import Frozen
from domain.identifiers import CLOSE_CHARGE, is_step
from domain.states import AuditKind

MOST_REMOVED = 100
"""Events: a place further than this from where an event stands is not looked for."""

TRANSITIONS = frozenset(
    {
        AuditKind.CONFIRMED,
        AuditKind.RESCHEDULED,
        AuditKind.CLAIMED,
        AuditKind.COMPLETED,
        AuditKind.FAILED,
        AuditKind.CANCELLED,
        AuditKind.NEEDS_REVIEW,
        AuditKind.FEE_SETTLED,
    }
)
"""Events that raise the row's version by one; but a charge that is closed raises none."""


class Tampering(StrEnum):
    """What somebody did. Programs may rely on these words."""

    ALTERED = "altered"
    """An event says something else than it did."""
    REMOVED = "removed"
    """An event between two others is gone."""
    REORDERED = "reordered"
    """Events changed places."""
    CUT_OFF = "cut_off"
    """The last events are gone."""
    RECOMPUTED = "recomputed"
    """The chain holds by itself, but it is another one than the workflow saw grow."""


class Finding(Frozen):
    """What was done, and where."""

    what: Tampering
    sentence: str


class Memory(Frozen):
    """What somebody remembers of a chain."""

    head: str
    """The hash of its last event, as it was then."""
    version: int
    """The row's, after that event."""


def found_in_chain(events: Sequence[AuditEvent]) -> Finding | None:
    """What the events alone tell, in order of `seq`."""
    first = [_place_when_hashed(event, len(events)) for event in events]
    for event, place in zip(events, first, strict=True):
        if place is None:
            return _finding(Tampering.ALTERED, f"event {event.seq} was altered")
    places = [place for place in first if place is not None]
    if places != sorted(places):
        moved = [
            str(event.seq) for event, was in zip(events, places, strict=True) if event.seq != was
        ]
        return _finding(Tampering.REORDERED, f"events were reordered, at {', '.join(moved)}")
    missing = sorted({*range(1, max(places, default=0) + 1)} - {*places})
    if missing:
        return _finding(Tampering.REMOVED, f"event {', '.join(map(str, missing))} was removed")
    for before, event in pairwise(events):
        if event.prev_hash != before.hash:
            return _finding(
                Tampering.ALTERED, f"event {before.seq} was altered and given a hash that fits it"
            )
    return None


def found_by_memory(
    events: Sequence[AuditEvent], memory: Memory, earlier: Sequence[str] = ()
) -> Finding | None:
    """What is told by a head that the chain should have, where the events agree by themselves.

    Args:
        events: the chain, in order of `seq`.
        memory: what its end, or a part of it, must be.
        earlier: heads remembered from before that one, oldest first, as far as known.
    """
    places = {event.hash: event.seq for event in events}
    if memory.head in places:
        return None
    transitions = sum(map(_raises_version, events))
    if transitions < memory.version - 1:
        return _finding(Tampering.CUT_OFF, f"what followed event {len(events)} was cut off")
    known = [places[head] for head in earlier if head in places]
    if known:
        return _finding(Tampering.RECOMPUTED, f"recomputed from event {max(known) + 1} on")
    return _finding(Tampering.RECOMPUTED, "recomputed as a whole")


def _raises_version(event: AuditEvent) -> bool:
    return event.kind in TRANSITIONS and not is_step(event.operation_key, CLOSE_CHARGE)


def _place_when_hashed(event: AuditEvent, length: int) -> int | None:
    """The `seq` that its hash was made with; None where its hash was made of something else."""
    near = sorted(range(1, length + MOST_REMOVED + 1), key=lambda seq: abs(seq - event.seq))
    return next(
        (seq for seq in near if event_hash(event.model_copy(update={"seq": seq})) == event.hash),
        None,
    )


def _finding(what: Tampering, sentence: str) -> Finding:
    return Finding(what=what, sentence=sentence)
