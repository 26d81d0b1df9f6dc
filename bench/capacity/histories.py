"""What a recorded run cost Temporal, from its history."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import History, HistoryEvent
from temporalio.client import WorkflowHistory

from domain.frozen import Frozen

LONG = timedelta(minutes=5)
"""A timer that ends the waiting, and begins the opening."""

_EACH = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
    EventType.EVENT_TYPE_TIMER_STARTED,
    EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED,
}
"""One action each. https://docs.temporal.io/cloud/actions, Temporal Cloud Actions"""


class Cost(Frozen):
    """Of one run."""

    events: int
    size: int
    """Bytes, as Temporal keeps it."""
    actions: int
    """That Temporal Cloud counts, but for heartbeats and queries, which a history does not show."""


def cost_of(recorded: Path) -> Cost:
    """Of the whole run."""
    return _cost(_events(recorded))


def opening_cost_of(recorded: Path) -> Cost:
    """Of what came after its last long timer was started."""
    events = _events(recorded)
    last = max(n for n, event in enumerate(events) if _waits(event) >= LONG)
    return _cost(events[last + 1 :])


def _events(recorded: Path) -> Sequence[HistoryEvent]:
    return WorkflowHistory.from_json("recorded", recorded.read_text()).events


def _cost(events: Sequence[HistoryEvent]) -> Cost:
    return Cost(
        events=len(events), size=History(events=events).ByteSize(), actions=_actions(events)
    )


def _actions(events: Sequence[HistoryEvent]) -> int:
    """Markers of one workflow task are one action; the versions that it upserts itself are none."""
    markers = {
        event.marker_recorded_event_attributes.workflow_task_completed_event_id
        for event in events
        if event.event_type == EventType.EVENT_TYPE_MARKER_RECORDED
    }
    upserts = [
        event.upsert_workflow_search_attributes_event_attributes.search_attributes.indexed_fields
        for event in events
        if event.event_type == EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES
    ]
    ours = [fields for fields in upserts if set(fields) != {"TemporalChangeVersion"}]
    return len(markers) + len(ours) + sum(event.event_type in _EACH for event in events)


def _waits(event: HistoryEvent) -> timedelta:
    return event.timer_started_event_attributes.start_to_fire_timeout.ToTimedelta()
