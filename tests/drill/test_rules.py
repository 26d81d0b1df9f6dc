"""Each alert can fire, is tried, and says what to do."""

import re
import shutil
import subprocess

import pytest

from domain import errors
from domain.states import FailureCode, FeeStatus, RegistrationStatus
from tests.drill.expressions import metrics
from tests.drill.files import CASES, Alert, alerts, checks, config, dashboard
from tests.drill.names import PROMETHEUS, SDK, SERVER, asked_for, ours
from tests.drill.verdict import PROVOKED
from tests.house import compose
from tests.house.tree import ROOT
from workflows.queues import QUEUES

ALERTS = {alert.alert: alert for alert in alerts()}
DOCUMENT = (ROOT / "docs" / "alert-rules.md").read_text()

HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \|", re.MULTILINE)
MATCHER = re.compile(r'(\w+)=~?"([^"]*)"')

WORDS = {
    "status": set(RegistrationStatus),
    "fee_status": set(FeeStatus),
    "failure_code": set(FailureCode),
    "job": {job["job_name"] for job in config()["scrape_configs"]},
    "alertstate": {"firing"},
    "status_code": {"RESOURCE_EXHAUSTED", "TRANSPORT_ERROR", "UNAVAILABLE"},
    "failure_reason": {"NonDeterminismError", "GrpcMessageTooLarge"},
    # Of bookings a word, of everything else the type of the error.
    "answer": {
        "unauthorised",
        "throttled",
        errors.Unauthorised.__name__,
        errors.Throttled.__name__,
    },
}
"""What the labels of our matchers may say. Temporal's words are tried by `make drill`."""


def _anchors(document: str) -> set[str]:
    """As a browser of repositories makes them."""
    headings = HEADING.findall((ROOT / document).read_text())
    return {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings}


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert.alert)
def test_an_alert_says_how_bad_it_is_what_is_wrong_and_where_to_read_on(alert: Alert) -> None:
    assert alert.labels.keys() == {"severity"}
    assert alert.labels["severity"] in {"critical", "warning"}
    assert alert.annotations.keys() == {"summary", "runbook"}
    assert alert.annotations["summary"].endswith(".")
    document, anchor = alert.annotations["runbook"].split("#")
    assert anchor in _anchors(document)


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert.alert)
def test_an_alert_lasts_a_while_before_it_is_one(alert: Alert) -> None:
    assert re.fullmatch(r"[1-9]\d*[sm]", alert.lasting)


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert.alert)
def test_an_alert_is_tried_where_it_is_silent_and_where_it_fires(alert: Alert) -> None:
    tried = [check for check in checks() if check.alertname == alert.alert]
    assert any(not check.exp_alerts for check in tried)
    fired = [one for check in tried for one in check.exp_alerts]
    assert fired
    assert {one["exp_annotations"]["runbook"] for one in fired} == {alert.annotations["runbook"]}
    assert {one["exp_labels"]["severity"] for one in fired} == {alert.labels["severity"]}


def test_no_alert_has_the_name_of_another() -> None:
    assert len(ALERTS) == len(alerts())


def test_the_documentation_has_a_row_for_each_alert() -> None:
    rows = dict(ROW.findall(DOCUMENT))
    assert rows == {name: alert.labels["severity"] for name, alert in ALERTS.items()}


def test_only_metrics_that_somebody_exports_are_asked_for() -> None:
    assert asked_for() <= ours() | SDK | SERVER | PROMETHEUS
    assert asked_for() >= SDK | SERVER


def test_matchers_only_use_words_that_a_label_can_have() -> None:
    expressions = [alert.expr for alert in alerts()]
    expressions += [target.expr for panel in dashboard().panels for target in panel.targets]
    for expression in expressions:
        for label, value in MATCHER.findall(expression):
            assert set(value.split("|")) <= WORDS[label], f"{label} is never {value}"


def test_no_queue_can_go_unserved_unnoticed() -> None:
    written_out = re.findall(r'"task_queue", "(\w+)"', ALERTS["NoPollers"].expr)
    assert sorted(written_out) == sorted(QUEUES)


def test_what_the_drill_provokes_are_alerts() -> None:
    assert set(PROVOKED) <= ALERTS.keys()


def test_prometheus_looks_where_compose_shows_the_figures() -> None:
    worker = compose.services()["worker"]["environment"]
    temporal = compose.services()["temporal"]["environment"]
    first = int(worker["METRICS_PORT"])
    assert {
        job["job_name"]: job["static_configs"][0]["targets"] for job in config()["scrape_configs"]
    } == {
        "worker": [f"worker:{first}"],
        "lanes": [f"worker:{first + 1}"],
        "temporal": [f"temporal:{temporal['PROMETHEUS_ENDPOINT'].split(':')[1]}"],
    }


@pytest.mark.parametrize(
    ("expression", "asked"),
    [
        ("sum by (le) (rate(waits_seconds_bucket[5m]))", {"waits_seconds"}),
        ('a{b="c d"} offset 10m unless on (e) f', {"a", "f"}),
        ('label_replace(vector(0), "task_queue", "x", "", "") or up == 0', {"up"}),
        ("time() - max(figures_time_seconds) > 300", {"figures_time_seconds"}),
    ],
    ids=["histogram", "matchers", "functions", "numbers"],
)
def test_the_metrics_of_an_expression_are_found(expression: str, asked: set[str]) -> None:
    assert metrics(expression) == asked


@pytest.mark.skipif(shutil.which("promtool") is None, reason="`make drill` brings promtool")
def test_promtool_finds_each_case_as_it_is_told() -> None:
    done = subprocess.run(  # noqa: S603 - our own file
        ["promtool", "test", "rules", CASES],  # noqa: S607 - wherever it is installed
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout
