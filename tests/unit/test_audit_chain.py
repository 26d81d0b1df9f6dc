from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import pytest

from domain.audit import GENESIS, AuditEvent, event_hash, verify_chain
from domain.states import AuditKind

REGISTRATION = UUID("00000000-0000-4000-8000-000000000001")
AT = datetime(2026, 12, 1, 14, tzinfo=UTC)


def chain(length: int, kinds: Sequence[AuditKind] = ()) -> list[AuditEvent]:
    events: list[AuditEvent] = []
    before = GENESIS
    for seq in range(1, length + 1):
        bare = AuditEvent(
            registration_id=REGISTRATION,
            seq=seq,
            kind=kinds[seq - 1] if kinds else AuditKind.DRAFTED,
            detail={"n": seq, "ü": ["a", None, True]},
            operation_key=f"k{seq}",
            at=AT,
            at_text="2026-12-01T14:00:00.000000Z",
            prev_hash=before,
            hash="",
        )
        before = event_hash(bare)
        events.append(bare.model_copy(update={"hash": before}))
    return events


def test_a_whole_chain_holds_and_ends_in_its_head() -> None:
    events = chain(4)
    verdict = verify_chain(events, events[-1].hash)
    assert (verdict.holds, verdict.events, verdict.head) == (True, 4, events[-1].hash)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("detail", {"n": 99}),
        ("kind", AuditKind.BOOKED),
        ("operation_key", "other"),
        ("at_text", "2026-12-01T14:00:01.000000Z"),
        ("hash", "f" * 64),
    ],
)
def test_an_altered_event_breaks_the_chain(field: str, value: object) -> None:
    events = chain(4)
    events[1] = events[1].model_copy(update={field: value})
    assert not verify_chain(events).holds


def test_a_missing_event_breaks_the_chain() -> None:
    events = chain(4)
    assert verify_chain([*events[:1], *events[2:]]).problem == "event 2 is missing"


def test_a_cut_tail_is_found_by_the_head_kept_elsewhere() -> None:
    events = chain(4)
    assert verify_chain(events[:3]).holds
    assert not verify_chain(events[:3], events[-1].hash).holds


def test_an_empty_chain_does_not_hold() -> None:
    assert not verify_chain([]).holds
