"""What is told of runs that were left out."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

from temporalio.client import ScheduleActionExecutionStartWorkflow

from console.schedules.health import Health, health_of
from console.schedules.known import Known
from console.schedules.words import health_in_words
from domain.recurrence import Every
from tests.schedules.ledger import TallyOrder
from tests.schedules.tally import tally_job

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


def _known(*due: datetime, backfilled: timedelta | None = None) -> Known:
    """Runs that each began in time; before them, at noon, perhaps one that was due so long ago."""
    began = [(one, one) for one in due]
    if backfilled:
        began = [(NOON - backfilled, NOON), *began]
    actions = [
        SimpleNamespace(
            action=ScheduleActionExecutionStartWorkflow(
                workflow_id=f"minutely-{one:%Y-%m-%dT%H:%M:%SZ}", first_execution_run_id="r"
            ),
            started_at=at + timedelta(seconds=7),
        )
        for one, at in began
    ]
    info = SimpleNamespace(
        recent_actions=actions,
        num_actions=90,
        num_actions_missed_catchup_window=3,
        num_actions_skipped_overlap=1,
    )
    return Known(cast("Any", SimpleNamespace(info=info)), 1)


def test_nominal_times_between_two_runs_that_began_none_are_left_out(order: TallyOrder) -> None:
    minutely = tally_job("minutely", order, when=Every(MINUTE))
    # One was begun by hand meanwhile, which makes up for none.
    by_hand = NOON + timedelta(seconds=100)

    health = health_of(_known(NOON, by_hand, NOON + 4 * MINUTE), minutely)

    assert (health.left_out, health.left_out_last) == (3, NOON + 3 * MINUTE)
    assert health_in_words(health) == (
        "90, 3 missed, 1 skipped; 3 left out lately, the last 2026-12-01 12:03:00 UTC"
    )


def test_what_ran_before_a_backfill_is_not_left_out(order: TallyOrder) -> None:
    """Of the runs that began before it Temporal remembers none."""
    minutely = tally_job("minutely", order, when=Every(MINUTE))
    health = health_of(_known(*(NOON + n * MINUTE for n in (1, 2, 4)), backfilled=DAY), minutely)

    assert (health.left_out, health.left_out_last) == (1, NOON + 3 * MINUTE)


def test_runs_without_a_gap_leave_none_out(order: TallyOrder) -> None:
    minutely = tally_job("minutely", order, when=Every(MINUTE))

    assert health_of(_known(NOON, NOON + MINUTE), minutely).left_out == 0
    assert health_of(_known(), minutely) == Health(began=90, missed=3, skipped=1)


def test_of_a_schedule_that_is_not_declared_only_temporal_s_own_counts_are_told() -> None:
    health = health_of(_known(NOON, NOON + 9 * MINUTE))

    assert (health.began, health.left_out, health.due_last) == (90, 0, NOON + 9 * MINUTE)
