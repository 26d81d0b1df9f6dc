import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4
from xml.etree import ElementTree as ET

import pytest

from bench.database import RowSeen
from bench.families import Family
from bench.figures import Detail, Limit, Machine, Results, Row, median_of, percentile, spread
from bench.opening import Opening, Place, programs_at
from bench.plot import plotted
from bench.report import table
from bench.saving import save
from bench.systems import SYSTEMS
from bench.systems.observation import due_instants
from domain.identifiers import external_ref
from domain.pacing import Pace

OPENING = datetime(2030, 4, 1, 13, 0, tzinfo=UTC)


def row(system: str, run: int, p99_ms: float | None, n: int = 500) -> Row:
    return Row(
        system=system,
        n=n,
        run=run,
        p50_ms=1,
        p99_ms=p99_ms,
        max_ms=p99_ms,
        earliest_ms=0.5,
        all_done_s=12.5,
        cpu_s=2,
        rss_mb=100,
    )


def detail(system: str, failures: tuple[str, ...] = ()) -> Detail:
    return Detail(
        system=system,
        n=500,
        run=1,
        accounts=500,
        tls=False,
        opening=OPENING,
        prepared_in_s=50,
        bookings={"one": 500},
        requests=500,
        early=0,
        statuses={"completed": 500},
        fees={"paid": 500},
        failures=failures,
        cpu_s_by_part={system: 9.5, "temporal": 20.25},
    )


def results(*rows: Row, details: tuple[Detail, ...] = ()) -> Results:
    limit = Limit(n=500, tls=False, p50_ms=2, p99_ms=5.25, max_ms=6, answered_s=0.5)
    return Results(machine=Machine.here(), rows=rows, details=details, limits=(limit,))


@pytest.mark.parametrize(
    ("share", "found"), [(0.0, 1), (0.5, 50), (0.99, 99), (0.995, 100), (1.0, 100)]
)
def test_a_percentile_is_a_value_that_was_measured(share: float, found: float) -> None:
    assert percentile([float(ms) for ms in range(1, 101)], share) == found


def test_a_run_in_which_nothing_arrived_has_no_figures() -> None:
    assert set(spread([]).values()) == {None}


def test_a_spread_tells_the_earliest_and_the_latest() -> None:
    assert spread([3.0, -1.0, 2.0]) == {
        "p50_ms": 2.0,
        "p99_ms": 3.0,
        "max_ms": 3.0,
        "earliest_ms": -1.0,
    }


def test_the_middle_run_counts_and_a_failed_one_leaves_no_figure() -> None:
    rows = [row("floor", 1, 9), row("floor", 2, 3), row("floor", 3, 5)]
    assert median_of(rows, "floor", 500, "p99_ms") == 5
    assert median_of([*rows, row("floor", 4, None)], "floor", 500, "p99_ms") is None
    assert median_of(rows, "polling", 500, "p99_ms") is None


def test_the_table_compares_the_service_with_the_others() -> None:
    found = results(row("floor", 1, 10), row("signupassist", 1, 15), row("plain_workflow", 1, 6000))
    text = table(found)
    assert "p99 of `signupassist` is 1.50 times that of `floor`, 1/400 of `plain_workflow`." in text
    assert "| 500 | 2.0 | 5.2 | 6.0 | 0.50 |" in text


def test_the_table_shows_where_the_time_goes_and_what_went_wrong() -> None:
    sound, unsound = detail("signupassist"), detail("polling", ("3 are failed",))
    text = table(results(row("signupassist", 1, 15), details=(sound, unsound)))
    assert "| signupassist | 9.5 | 20.2 | 0.0 | 0.0 | 0.0 |" in text
    assert "- polling, n=500, run 1: 3 are failed." in text


def test_the_plot_is_a_picture_with_a_line_for_each_system_that_ran() -> None:
    rows = [row("floor", 1, 0.01, n) for n in (1, 10, 1_000)]
    drawing = plotted(results(*rows, row("polling", 1, None, 10)))
    picture = ET.fromstring(drawing.svg())  # noqa: S314 - our own
    lines = picture.findall(".//{http://www.w3.org/2000/svg}polyline")
    assert len([line for line in lines if line.get("stroke-width") == "2"]) == 3
    words = {text.text for text in picture.iter("{http://www.w3.org/2000/svg}text")}
    assert {"floor", "polling", "1,000"} <= words


def test_all_results_are_written_and_the_rows_are_exactly_those_that_programs_read(
    tmp_path: Path,
) -> None:
    save(results(row("floor", 1, 9)), tmp_path)
    names = {"latest.json", "details.json", "latest.md", "latest.svg"}
    assert names <= {file.name for file in tmp_path.iterdir()}
    (written,) = json.loads((tmp_path / "latest.json").read_text())
    assert list(written) == [
        *("system", "n", "run", "p50_ms", "p99_ms", "max_ms", "earliest_ms", "all_done_s"),
        *("cpu_s", "rss_mb"),
    ]
    pytest.importorskip("PIL")
    assert (tmp_path / "latest.png").read_bytes().startswith(b"\x89PNG")


def test_every_system_is_measured_under_its_own_name() -> None:
    assert list(SYSTEMS) == ["floor", "signupassist", "plain_workflow", "polling"]


def test_within_an_account_the_confirmation_decides_when_a_booking_is_due() -> None:
    programs = programs_at(2, OPENING)
    family = Family(uuid4(), uuid4())
    places = tuple(Place(family, *programs[number % 2]) for number in range(4))
    ids = [UUID(int=number) for number in range(4)]
    confirmed = {one: OPENING - timedelta(minutes=number) for number, one in enumerate(ids)}
    rows = {one: RowSeen(one, "completed", "paid", at, 0, OPENING) for one, at in confirmed.items()}
    due = due_instants(Opening(OPENING, 2, places), ids, rows)
    second = OPENING + Pace().delay(2)
    assert [due[external_ref(one)] for one in ids] == [second, second, OPENING, OPENING]
