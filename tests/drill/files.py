"""What stands in deploy/observability, as values."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from sandbox.program import ROOT

FOLDER = ROOT / "deploy" / "observability"
CONFIG, RULES, CASES = FOLDER / "prometheus.yml", FOLDER / "alerts.yml", FOLDER / "alerts_test.yml"
GRAFANA = FOLDER / "grafana"
DASHBOARD = GRAFANA / "dashboards" / "signupassist.json"


class Strict(BaseModel):
    """A part of a file that holds what we know of it and nothing else."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Alert(Strict):
    alert: str
    expr: str
    lasting: str = Field(alias="for")
    labels: dict[str, str]
    annotations: dict[str, str]


class Check(Strict):
    """Which alerts of one name fire at one moment of a case."""

    alertname: str
    eval_time: str
    exp_alerts: list[dict[str, dict[str, str]]] = []


class Target(Strict):
    """One query of a panel."""

    ref: str = Field(alias="refId")
    datasource: dict[str, str]
    expr: str
    legend: str = Field(alias="legendFormat")
    range: bool
    instant: bool
    format: str = "time_series"


class Place(Strict):
    """On a page 24 wide."""

    x: int = Field(ge=0, le=23)
    y: int = Field(ge=0)
    w: int = Field(ge=1, le=24)
    h: int = Field(ge=1)


class FieldDefaults(Strict):
    unit: str
    decimals: int | None = None
    no_value: str | None = Field(alias="noValue", default=None)
    min: float | None = None
    thresholds: dict[str, Any] = {}
    color: dict[str, str] = {}
    custom: dict[str, Any] = {}


class FieldConfig(Strict):
    defaults: FieldDefaults
    overrides: list[dict[str, Any]]


class Panel(Strict):
    id: int
    type: str
    title: str
    description: str
    datasource: dict[str, str]
    place: Place = Field(alias="gridPos")
    field_config: FieldConfig = Field(alias="fieldConfig")
    targets: list[Target]
    options: dict[str, Any] = {}
    transformations: list[dict[str, Any]] = []

    @property
    def unit(self) -> str:
        return self.field_config.defaults.unit

    @property
    def may_be_empty(self) -> bool:
        """It says itself what to show where nothing was found."""
        return self.field_config.defaults.no_value is not None


class Heading(Strict):
    """What Grafana calls a row: a line above the panels that follow."""

    id: int
    type: str = Field(pattern="^row$")
    title: str
    collapsed: bool
    place: Place = Field(alias="gridPos")
    panels: list[Panel] = Field(max_length=0)


class Dashboard(BaseModel):
    """The page; of what Grafana wants besides, tests/drill/test_dashboard.py tells."""

    uid: str
    title: str
    schema_version: int = Field(alias="schemaVersion")
    parts: list[Heading | Panel] = Field(alias="panels")

    @property
    def panels(self) -> list[Panel]:
        return [part for part in self.parts if isinstance(part, Panel)]


@cache
def config() -> dict[str, Any]:
    return yaml.safe_load(CONFIG.read_text())


@cache
def alerts() -> tuple[Alert, ...]:
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return tuple(Alert(**rule) for group in groups for rule in group["rules"])


def checks() -> Iterator[Check]:
    """Every check of every case in alerts_test.yml."""
    for case in yaml.safe_load(CASES.read_text())["tests"]:
        for check in case["alert_rule_test"]:
            yield Check(**check)


@cache
def dashboard() -> Dashboard:
    return Dashboard(**json.loads(DASHBOARD.read_text()))


def provisioned() -> list[Path]:
    """What Grafana reads at its start."""
    return sorted(GRAFANA.rglob("*.yml"))
