from uuid import UUID

import pytest

from domain.audit import GENESIS, AuditEvent, event_hash
from domain.identifiers import CLOSE_CHARGE, operation_key
from domain.states import AuditKind
from domain.tampering import Memory, Tampering, found_by_memory, found_in_chain
from tests.unit.test_audit_chain import chain

KINDS = (AuditKind.DRAFTED, AuditKind.CONFIRMED, AuditKind.CLAIMED, AuditKind.COMPLETED)


@pytest.fixture
def events() -> list[AuditEvent]:
    return chain(4, KINDS)


def recomputed(events: list[AuditEvent]) -> list[AuditEvent]:
    """Every place and hash anew, as who owns the database can."""
    done: list[AuditEvent] = []
    before = GENESIS
    for seq, event in enumerate(events, start=1):
        bare = event.model_copy(update={"seq": seq, "prev_hash": before})
        before = event_hash(bare)
        done.append(bare.model_copy(update={"hash": before}))
    return done


def altered(event: AuditEvent) -> AuditEvent:
    return event.model_copy(update={"detail": {"n": 99}})


def seated(*events: AuditEvent) -> list[AuditEvent]:
    """Given the places in which they stand, with the hashes that they have."""
    return [event.model_copy(update={"seq": seq}) for seq, event in enumerate(events, start=1)]


def test_a_whole_chain_gives_no_finding(events: list[AuditEvent]) -> None:
    assert found_in_chain(events) is None
    for event in events:
        assert found_by_memory(events, Memory(head=event.hash, version=4)) is None


def test_an_altered_event_is_named(events: list[AuditEvent]) -> None:
    one, two, three, four = events
    found = found_in_chain([one, altered(two), three, four])
    assert found is not None
    assert (found.what, found.sentence) == (Tampering.ALTERED, "event 2 was altered")


def test_an_altered_event_with_a_fitting_hash_is_named(events: list[AuditEvent]) -> None:
    one, two, three, four = events
    other = altered(two)
    found = found_in_chain([one, other.model_copy(update={"hash": event_hash(other)}), three, four])
    assert found is not None
    assert found.what is Tampering.ALTERED
    assert found.sentence.startswith("event 2 was altered")


@pytest.mark.parametrize("renumbered", [False, True])
def test_a_removed_event_is_named(events: list[AuditEvent], renumbered: bool) -> None:
    one, _, three, four = events
    left = [one, three, four]
    found = found_in_chain(seated(*left) if renumbered else left)
    assert found is not None
    assert (found.what, found.sentence) == (Tampering.REMOVED, "event 2 was removed")


def test_events_that_changed_places_are_named(events: list[AuditEvent]) -> None:
    one, two, three, four = events
    found = found_in_chain(seated(one, three, two, four))
    assert found is not None
    assert found.what is Tampering.REORDERED
    assert found.sentence.endswith("2, 3")


@pytest.mark.parametrize("left", [0, 2, 3])
def test_a_cut_off_end_is_named(events: list[AuditEvent], left: int) -> None:
    heads = [event.hash for event in events[1:]]
    cut = events[:left]
    assert found_in_chain(cut) is None
    found = found_by_memory(cut, Memory(head=events[-1].hash, version=4), heads)
    assert found is not None
    assert found.what is Tampering.CUT_OFF
    assert f"event {left}" in found.sentence


def test_an_end_cut_off_behind_a_closed_charge_is_named_as_cut_off() -> None:
    kinds = (
        *(AuditKind.DRAFTED, AuditKind.CONFIRMED, AuditKind.CLAIMED, AuditKind.COMPLETED),
        *(AuditKind.FEE_SETTLED, AuditKind.FEE_SETTLED),
    )
    closed = operation_key(UUID(int=1), CLOSE_CHARGE, 1)
    whole = chain(6, kinds)
    whole[4] = whole[4].model_copy(update={"operation_key": closed})
    whole = recomputed(whole)

    found = found_by_memory(whole[:5], Memory(head=whole[-1].hash, version=5))

    assert found is not None
    assert (found.what, found.sentence) == (
        Tampering.CUT_OFF,
        "what followed event 5 was cut off",
    )


def test_a_chain_recomputed_as_a_whole_is_named(events: list[AuditEvent]) -> None:
    heads = [event.hash for event in events[1:]]
    one, *rest = events
    forged = recomputed([altered(one), *rest])
    assert found_in_chain(forged) is None
    found = found_by_memory(forged, Memory(head=heads[-1], version=4), heads)
    assert found is not None
    assert (found.what, found.sentence) == (Tampering.RECOMPUTED, "recomputed as a whole")


def test_a_chain_recomputed_in_part_is_named_with_where_it_begins(
    events: list[AuditEvent],
) -> None:
    heads = [event.hash for event in events[1:]]
    one, two, three, four = events
    forged = recomputed([one, two, altered(three), four])
    found = found_by_memory(forged, Memory(head=heads[-1], version=4), heads)
    assert found is not None
    assert (found.what, found.sentence) == (Tampering.RECOMPUTED, "recomputed from event 3 on")
