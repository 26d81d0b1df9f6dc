"""The drill's own parts, without a Prometheus: what it draws, and what it says."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bench.progress import Progress
from tests.drill import tools
from tests.drill.files import dashboard
from tests.drill.picture import LEGEND, Named, Span, amount, drawn
from tests.drill.prometheus import Curve, Prometheus, QueryError
from tests.drill.verdict import Verdict, look, look_at_prometheus

OPENING = datetime(2030, 4, 1, 13, 0, tzinfo=UTC)
SPAN = Span(OPENING - timedelta(seconds=40), OPENING, OPENING + timedelta(seconds=60))
AT = OPENING.timestamp()


def test_the_picture_has_every_panel_with_its_curves() -> None:
    curves: dict[int, list[Named]] = {panel.id: [] for panel in dashboard().panels}
    first = dashboard().panels[0]
    curves[first.id] = [Named(f"curve {n}", [(AT - 1, n), (AT + 1, n + 1)]) for n in range(8)]
    svg = ET.fromstring(drawn(dashboard(), curves, SPAN).svg())  # noqa: S314 - our own
    words = ["".join(text.itertext()) for text in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert {panel.title for panel in dashboard().panels} <= set(words)
    assert f"curve {LEGEND - 1}" in words
    assert "and 2 more" in words
    assert words.count("none") >= 1, "a panel that may be empty says so"


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [(0.0123, "s", "12.3 ms"), (2, "s", "2 s"), (3, "short", "3"), (0.5, "reqps", "0.5 /s")],
    ids=["milliseconds", "seconds", "count", "rate"],
)
def test_an_axis_is_written_in_the_panel_s_unit(value: float, unit: str, written: str) -> None:
    assert amount(value, unit) == written


class Blind(Prometheus):
    """One that saw nothing, and cannot evaluate what is about lateness."""

    def __init__(self) -> None:
        pass

    def over(self, expression: str, since: datetime, until: datetime) -> list[Curve]:
        assert since < until
        if "lateness" in expression:
            raise QueryError("parse error")
        return []

    def names(self) -> set[str]:
        return {"up"}

    def troubles(self) -> list[str]:
        return ["job lanes: connection refused"]


def test_what_shows_nothing_cannot_be_evaluated_or_is_exported_by_nobody_is_a_fault() -> None:
    verdict = Verdict()
    look_at_prometheus(verdict, Blind())
    look(verdict, Blind(), SPAN.since, SPAN.opening, SPAN.until)
    assert "Prometheus itself: job lanes: connection refused" in verdict.faults
    assert "rule BookingsLate: parse error" in verdict.faults
    assert "rule ScheduleMissed (silent): it was provoked and did not hold" in verdict.faults
    assert "panel How late bookings left (0 curves): parse error: parse error" in "".join(
        verdict.lines
    )
    assert "panel Lanes armed (0 curves): it shows nothing" in verdict.faults
    assert "name lanes_armed: nobody exports it" in verdict.faults
    assert not [fault for fault in verdict.faults if "Alerts that fire now" in fault]
    assert not [fault for fault in verdict.faults if "rule LettersStuck" in fault]


def test_a_verdict_counts_what_does_not_hold() -> None:
    verdict = Verdict()
    verdict.say("rule A")
    assert verdict.last_line == "All 1 hold."
    verdict.say("panel B", ["it shows nothing"])
    assert verdict.lines == ["ok   rule A", "FAIL panel B: it shows nothing"]
    assert verdict.last_line == "1 of 2 do not hold."


def test_without_prometheus_and_without_debian_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(tools.ToolMissing, match="apt-get install"):
        tools.found(tmp_path / "prometheus", Progress())


def test_what_was_unpacked_before_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    kept = tmp_path / "prometheus" / "usr" / "bin"
    kept.mkdir(parents=True)
    for name in tools.NAMES:
        (kept / name).touch()
    assert tools.found(tmp_path / "prometheus", Progress()).promtool == kept / "promtool"
