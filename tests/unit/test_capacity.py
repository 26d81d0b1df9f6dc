"""docs/capacity.md: reckoned from what is committed, and nothing else."""

from pathlib import Path

import pytest

from bench.capacity.histories import cost_of, opening_cost_of
from bench.capacity.installations import SIZES, limits, needed
from bench.capacity.kept_rows import Kept, KeptRows
from bench.capacity.measured import HISTORIES, Measured, measured
from bench.capacity.page import PAGE, page_with

BOOKED = HISTORIES / "on_the_instant" / "booked.json"


@pytest.fixture(scope="module")
def found() -> Measured:
    return measured()


def test_the_page_says_what_was_measured(found: Measured) -> None:
    assert page_with(found) == PAGE.read_text(), "run: python -m bench.capacity"


def test_another_measurement_would_change_the_page(found: Measured) -> None:
    slower = found.model_copy(update={"receipts_per_s": found.receipts_per_s / 2})
    assert page_with(slower) != page_with(found)


def test_actions_are_counted_as_the_cloud_counts_them() -> None:
    # One start, one update, four timers, seven activities, three workflow tasks with markers, and
    # four upserts of ours; the fifth is of the SDK's own versions.
    assert cost_of(BOOKED).actions == 1 + 1 + 4 + 7 + 3 + 4
    # Since the last long timer: a look, a timer, two tasks with markers, two upserts, and booking,
    # charging, telling.
    assert opening_cost_of(BOOKED).actions == 1 + 1 + 2 + 2 + 3


@pytest.mark.parametrize("recorded", sorted(HISTORIES.rglob("*.json")), ids=lambda path: path.stem)
def test_no_recorded_run_comes_near_a_limit_of_temporal(recorded: Path) -> None:
    cost = cost_of(recorded)
    assert cost.events < 1_000
    assert cost.size < 500_000


def test_what_is_needed_follows_from_size_and_figures(found: Measured) -> None:
    size = SIZES[1]
    cheap = found.model_copy(update={"cpu_s": {"worker": 0.03, "Temporal": 0.03}})
    told = {each.what: each.figure for each in needed(cheap, size)}
    assert told["cores for receipts within a minute, all parts"] == "0.5"
    assert told["of them the worker's"] == "0.2"
    larger = size.model_copy(update={"a_day": 10 * size.a_day})
    rows = [needed(found, each)[-1].figure for each in (size, larger)]
    assert rows[0] != rows[1]


def test_limits_follow_from_the_figures(found: Measured) -> None:
    told = dict(limits(found.model_copy(update={"receipts_per_s": 100.0})))
    assert told["receipts within a minute, everything on one such machine"] == "6,000"
    assert told["one instant that one server arms in time"] == "1,500"


def test_rows_are_summed_over_their_tables() -> None:
    tables = (Kept(table="a", rows=2, bytes_of_rows=300), Kept(table="b", rows=1, bytes_of_rows=50))
    kept = KeptRows(registrations=1, tables=tables)
    assert (kept.rows, kept.bytes_of_rows) == (3, 350)
