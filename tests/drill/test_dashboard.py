"""The page is what Grafana can load, and what a person can read."""

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.drill.files import DASHBOARD, GRAFANA, Heading, Panel, Place, dashboard, provisioned
from tests.house import compose
from tests.house.tree import ROOT

PAGE: dict[str, Any] = json.loads(DASHBOARD.read_text())
PANELS = dashboard().panels

UNITS = {"short", "s", "reqps", "none"}
"""Grafana's ids of those that we use."""
SOURCE = {"type": "prometheus", "uid": "${datasource}"}


def _overlap(one: Place, other: Place) -> bool:
    across = one.x < other.x + other.w and other.x < one.x + one.w
    return across and one.y < other.y + other.h and other.y < one.y + one.h


def test_the_page_has_what_grafana_asks_of_one() -> None:
    assert PAGE["uid"] == "signupassist"
    assert PAGE["schemaVersion"] >= 39
    assert PAGE["time"].keys() == {"from", "to"}
    assert PAGE["annotations"] == {"list": []}
    assert "id" not in PAGE, "Grafana gives it one of its own"
    (variable,) = PAGE["templating"]["list"]
    assert (variable["name"], variable["type"], variable["query"]) == (
        "datasource",
        "datasource",
        "prometheus",
    )


def test_the_page_is_in_the_order_of_an_opening() -> None:
    headings = [part.title for part in dashboard().parts if isinstance(part, Heading)]
    assert headings == ["Next opening", "The instant", "Outcomes", "Fees", "Temporal"]
    assert isinstance(dashboard().parts[0], Heading)
    tops = [part.place.y for part in dashboard().parts]
    assert tops == sorted(tops)


def test_every_part_has_a_place_and_a_number_of_its_own() -> None:
    parts = dashboard().parts
    assert len({part.id for part in parts}) == len(parts)
    assert all(part.place.x + part.place.w <= 24 for part in parts)
    overlapping = [
        (one.title, other.title)
        for one, other in combinations(parts, 2)
        if _overlap(one.place, other.place)
    ]
    assert not overlapping


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.title)
def test_a_panel_says_what_it_shows_and_in_which_unit(panel: Panel) -> None:
    assert panel.type in {"timeseries", "stat", "table"}
    assert panel.title[0].isupper()
    assert "_" not in panel.title, "plain words"
    assert panel.description.endswith(".")
    assert panel.unit in UNITS


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.title)
def test_a_panel_asks_the_chosen_prometheus(panel: Panel) -> None:
    assert panel.targets
    assert [target.ref for target in panel.targets] == list("AB"[: len(panel.targets)])
    for target in panel.targets:
        assert SOURCE == panel.datasource == target.datasource
        assert target.legend
        assert target.range != target.instant


def test_what_is_provisioned_is_found_where_compose_mounts_it() -> None:
    volumes: list[str] = compose.services()["grafana"]["volumes"]
    source, target, mode = next(volume for volume in volumes if volume.startswith(".")).split(":")
    assert (ROOT / source).resolve() == GRAFANA
    assert mode == "ro"
    provider = yaml.safe_load((GRAFANA / "dashboards" / "provider.yml").read_text())
    inside = DASHBOARD.parent.relative_to(GRAFANA)
    assert provider["providers"][0]["options"]["path"] == f"{target}/{inside}"
    home = compose.services()["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert home == f"{target}/{inside}/{DASHBOARD.name}"
    assert [file.relative_to(GRAFANA) for file in provisioned()] == [
        Path("dashboards/provider.yml"),
        Path("datasources/prometheus.yml"),
    ]


def test_grafana_asks_the_prometheus_of_compose() -> None:
    source = yaml.safe_load((GRAFANA / "datasources" / "prometheus.yml").read_text())
    (prometheus,) = source["datasources"]
    port = compose.services()["prometheus"]["ports"][0].split(":")[-1]
    assert prometheus["url"] == f"http://prometheus:{port}"
    assert prometheus["isDefault"]


def test_grafana_s_password_is_nobody_s_default() -> None:
    assert "GRAFANA_PASSWORD" in compose.required()
