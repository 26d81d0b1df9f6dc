"""The instant that a run of a job stands for, by which its effects are keyed."""

from datetime import UTC, datetime

from temporalio import workflow
from temporalio.common import SearchAttributeKey

SCHEDULED_START: SearchAttributeKey[datetime] = SearchAttributeKey.for_datetime(
    "TemporalScheduledStartTime"
)
"""Set by Temporal on every run of a schedule: its nominal time, without jitter."""


def nominal_time() -> datetime:
    """When this run was due by its schedule, UTC, whole seconds: the same however late it began.

    Two runs of one schedule with one nominal time are the same work, such as a run and its
    backfill: whatever has an effect is keyed by this, never by now. Of a run that no schedule
    started, when it began. From the run's first event, so a replay reads the same.
    """
    run = workflow.info()
    due = run.typed_search_attributes.get(SCHEDULED_START)
    return (due or run.workflow_start_time).astimezone(UTC).replace(microsecond=0)
