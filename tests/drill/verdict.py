"""What became of each rule and each panel."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tests.drill.expressions import metrics
from tests.drill.files import Alert, Panel, Target, alerts, dashboard
from tests.drill.names import asked_for
from tests.drill.picture import Named
from tests.drill.prometheus import Curve, Prometheus, QueryError

PROVOKED = (
    *("LanesDownBeforeOpening", "LanesDown", "WorkerDown", "ProviderRefusesKeys"),
    *("UnknownOutcomes", "NeedsReview", "AlertsOpen", "TemporalUnreachable"),
    *("NonDeterminism", "MessageTooLarge", "TemporalLimitsUs", "ScheduleMissed"),
)
"""Whose condition the drill brings about: it has to hold at some moment."""


@dataclass
class Verdict:
    """One line for each thing looked at; the faults among them again."""

    lines: list[str] = field(default_factory=list[str])
    faults: list[str] = field(default_factory=list[str])
    curves: dict[int, list[Named]] = field(default_factory=dict[int, list[Named]])
    """What each panel shows, by its id."""

    def say(self, line: str, faults: Iterable[str] = ()) -> None:
        """Take it down, with what is wrong about it."""
        wrong = list(faults)
        self.lines.append(
            f"{'FAIL' if wrong else 'ok  '} {line}" + "".join(f": {w}" for w in wrong)
        )
        self.faults += [f"{line}: {one}" for one in wrong]

    @property
    def last_line(self) -> str:
        """In one sentence."""
        if self.faults:
            return f"{len(self.faults)} of {len(self.lines)} do not hold."
        return f"All {len(self.lines)} hold."


def look_at_prometheus(verdict: Verdict, prometheus: Prometheus) -> None:
    """Whether it evaluates all rules and reaches all targets, while everything runs."""
    verdict.say("Prometheus itself", prometheus.troubles())


def look(
    verdict: Verdict, prometheus: Prometheus, since: datetime, until: datetime, end: datetime
) -> None:
    """Evaluate every rule and every panel, and look for every name.

    Args:
        verdict: takes it down.
        prometheus: has seen it all.
        since: when the worker began.
        until: when it was stopped, and panels end.
        end: until when rules are evaluated.
    """
    for alert in alerts():
        _rule(verdict, alert, prometheus, since, end)
    for panel in dashboard().panels:
        _panel(verdict, panel, prometheus, since, until)
    seen = {name for scraped in prometheus.names() for name in metrics(scraped)}
    for name in sorted(asked_for()):
        verdict.say(f"name {name}", [] if name in seen else ["nobody exports it"])


def _rule(
    verdict: Verdict, alert: Alert, prometheus: Prometheus, since: datetime, until: datetime
) -> None:
    try:
        found = prometheus.over(alert.expr, since, until)
    except QueryError as error:
        verdict.say(f"rule {alert.alert}", [str(error)])
        return
    held = bool(found)
    wrong = [] if held or alert.alert not in PROVOKED else ["it was provoked and did not hold"]
    verdict.say(f"rule {alert.alert} ({'held' if held else 'silent'})", wrong)


def _panel(
    verdict: Verdict, panel: Panel, prometheus: Prometheus, since: datetime, until: datetime
) -> None:
    named: list[Named] = []
    wrong: list[str] = []
    for target in panel.targets:
        try:
            found = prometheus.over(target.expr, since, until)
        except QueryError as error:
            wrong.append(str(error))
            continue
        named += _named(target, found)
    if not named and not wrong and not panel.may_be_empty:
        wrong.append("it shows nothing")
    verdict.curves[panel.id] = named
    verdict.say(f"panel {panel.title} ({len(named)} curves)", wrong)


def _named(target: Target, found: Sequence[Curve]) -> list[Named]:
    return [Named(_called(target.legend, curve), curve.points) for curve in found]


def _called(legend: str, curve: Curve) -> str:
    """As Grafana fills a legend in."""
    for label, value in curve.labels.items():
        legend = legend.replace("{{" + label + "}}", value or "(none)")
    return legend
