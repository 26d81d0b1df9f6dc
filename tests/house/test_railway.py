"""deploy/railway/: the same programs as in docker-compose.yml, in Railway's own words."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mcp_server.limits.in_flight import UNCOUNTED
from tests.house import compose
from tests.house.tree import ROOT
from worker import PATIENCE

SERVICES = {"deploy": "deploy", "worker": "worker", "web": "mcp"}
"""Each file with the service of docker-compose.yml that runs the same."""

KNOWN: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["$schema", "build", "deploy"],
    "properties": {
        "$schema": {"const": "https://railway.com/railway.schema.json"},
        "build": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "builder": {"enum": ["DOCKERFILE", "RAILPACK"]},
                "dockerfilePath": {"type": "string"},
            },
        },
        "deploy": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "startCommand": {"type": "string"},
                "numReplicas": {"type": "integer", "minimum": 1},
                "healthcheckPath": {"type": "string", "pattern": "^/"},
                "healthcheckTimeout": {"type": "number"},
                "restartPolicyType": {"enum": ["ON_FAILURE", "ALWAYS", "NEVER"]},
                # Numbers: text, which Railway's own page shows, makes it refuse the whole file.
                "overlapSeconds": {"type": "number"},
                "drainingSeconds": {"type": "number"},
            },
        },
    },
}
"""What of Railway's schema is used here, after https://docs.railway.com/config-as-code/reference
and https://github.com/railwayapp/docs/issues/1243."""


def _config(name: str) -> dict[str, Any]:
    return json.loads((ROOT / "deploy" / "railway" / f"{name}.json").read_text())


def test_there_is_a_file_for_each_service_and_no_other() -> None:
    assert {file.stem for file in (ROOT / "deploy" / "railway").iterdir()} == SERVICES.keys()


@pytest.mark.parametrize("name", SERVICES)
def test_a_file_is_in_railway_s_words(name: str) -> None:
    validator: Any = Draft202012Validator(KNOWN)
    assert [error.message for error in validator.iter_errors(_config(name))] == []


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_runs_the_command_of_its_container(name: str) -> None:
    config = _config(name)
    assert config["deploy"]["startCommand"].split() == compose.command(SERVICES[name])
    assert (ROOT / config["build"]["dockerfilePath"]).is_file()


@pytest.mark.parametrize("name", ["worker", "web"])
def test_what_is_in_flight_may_finish_before_a_kill_and_the_next_is_there_before(name: str) -> None:
    told = _config(name)["deploy"]
    assert told["drainingSeconds"] > PATIENCE.total_seconds()
    assert told["overlapSeconds"] > 0
    assert told["restartPolicyType"] == "ALWAYS"


def test_the_web_is_asked_after_its_health_and_the_deploy_step_runs_once() -> None:
    assert _config("web")["deploy"]["healthcheckPath"] == UNCOUNTED
    assert _config("deploy")["deploy"]["restartPolicyType"] == "NEVER"
