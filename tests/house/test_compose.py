"""docker-compose.yml and Dockerfile: the same system as on a developer's machine."""

import json
import os
import re
import sys
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from jsonschema import Draft202012Validator
from pydantic_settings import BaseSettings

from backup_settings import MakingSettings
from deploy.simulator_env import variables
from release import ReleaseSettings
from sandbox.environment import variables as sandbox_variables
from sandbox.keys import Keys
from sandbox.postgres.cluster import Cluster
from sandbox.programs import PORTS, Layout, all_programs
from settings import (
    AuthSettings,
    BookingSettings,
    DeploySettings,
    FrontDoorSettings,
    MailSettings,
    MandateSettings,
    PayloadSettings,
    PaymentSettings,
    RecordsSettings,
    ScheduleSettings,
    ServerSettings,
    SettingsError,
    SigningSettings,
    WebhookSettings,
)
from subscription_settings import SubscriptionSettings
from telemetry_settings import MetricsSettings, TracingSettings
from tests.house import compose
from tests.house.tree import ROOT, imports, python_files, read, unit
from worker import PATIENCE

SCHEMA = Path(__file__).with_name("compose-spec.json")
PINNED = re.compile(r"[\w./-]+:v?\d+\.\d+[\w.-]*(?:@sha256:[0-9a-f]{64})?")

DOORS = (RecordsSettings, PaymentSettings, BookingSettings)
NEEDS: dict[str, tuple[type[BaseSettings], ...]] = {
    "deploy": (DeploySettings, PayloadSettings, ScheduleSettings),
    "worker": (
        *DOORS,
        SigningSettings,
        PayloadSettings,
        MailSettings,
        MetricsSettings,
        TracingSettings,
        ReleaseSettings,
        FrontDoorSettings,
    ),
    "mcp": (
        *DOORS,
        PayloadSettings,
        MandateSettings,
        AuthSettings,
        ServerSettings,
        FrontDoorSettings,
        WebhookSettings,
        SubscriptionSettings,
        TracingSettings,
    ),
}

ALSO: dict[str, tuple[type[BaseSettings], ...]] = {"worker": (MakingSettings,)}
"""What a program gets in containers, and does without elsewhere."""

SERVICES = compose.services()


def _native_commands(folder: Path) -> dict[str, list[str]]:
    """How the embedded sandbox starts the same programs."""
    keys, ports = Keys(), {name: 20_000 + place for place, name in enumerate(PORTS)}
    cluster = Cluster(folder, ports["postgres"], keys)
    told = sandbox_variables(ports, keys, cluster.url())
    programs = all_programs(Layout(folder, ports, keys, cluster, told))
    return {name: [str(word) for word in program.argv] for name, program in programs.items()}


def _alike(command: list[str]) -> list[str]:
    """The command without what differs by place: the interpreter, ports and folders."""
    words = ["python" if word == sys.executable else word for word in command]
    return [re.sub(r"=.*", "=", word).removeprefix(f"{ROOT}/") for word in words]


def test_it_obeys_the_compose_specification() -> None:
    schema: dict[str, Any] = json.loads(SCHEMA.read_text())
    # The types of jsonschema leave open what an instance is.
    validator: Any = Draft202012Validator(schema)
    complaints = [error.message for error in validator.iter_errors(compose.document())]
    assert complaints == []


@pytest.mark.parametrize("service", SERVICES)
def test_every_image_is_pinned_by_version(service: str) -> None:
    assert PINNED.fullmatch(SERVICES[service]["image"])


def test_our_own_images_carry_the_project_s_version() -> None:
    version = tomllib.loads(read(Path("pyproject.toml")))["project"]["version"]
    ours = {SERVICES[name]["image"] for name in (*compose.OURS, *compose.STAND_INS)}
    assert ours == {f"signupassist:{version}", f"signupassist-sandbox:{version}"}


@pytest.mark.parametrize("service", ["worker", "mcp", *compose.STAND_INS])
def test_a_service_runs_the_command_of_a_native_start(service: str, tmp_path: Path) -> None:
    native = _native_commands(tmp_path)
    assert sorted(_alike(compose.command(service))) == sorted(_alike(native[service]))


def test_the_deploy_step_is_the_documented_one() -> None:
    assert compose.our_commands()["deploy"] == ["python", "starter.py", "deploy"]


@pytest.mark.parametrize("service", compose.OURS)
def test_a_program_of_ours_gets_everything_it_requires(
    service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = compose.environment(service, variables())
    for part in (*NEEDS[service], *ALSO.get(service, ())):
        wanted = {name.upper() for name, field in part.model_fields.items() if field.is_required()}
        assert wanted <= seen.keys()
        with monkeypatch.context() as patched:
            for name in part.model_fields:
                patched.delenv(name.upper(), raising=False)
            for name, value in seen.items():
                patched.setenv(name, value)
            part.model_validate(part().model_dump())
    assert {"TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE"} <= seen.keys()


@pytest.mark.parametrize("service", compose.OURS)
def test_a_program_of_ours_gets_no_secret_of_another(service: str) -> None:
    parts = (*NEEDS[service], *ALSO.get(service, ()))
    known = {name.upper() for part in parts for name in part.model_fields}
    seen = compose.environment(service, variables())
    others = {n for n in seen if not n.startswith(("TEMPORAL_", "BOOKEO_API_KEY__"))} - known
    assert not others


def test_the_web_gets_no_key_that_signs_mandates() -> None:
    told = compose.environment("mcp", variables())
    signing = compose.environment("worker", variables())
    assert ":pub:" in told["MANDATE_SIGNING_KEYS"]
    with mock.patch.dict(os.environ, told), pytest.raises(SettingsError, match="one to sign with"):
        SigningSettings.load()
    assert ":pub:" not in signing["MANDATE_SIGNING_KEYS"]


@pytest.mark.parametrize(
    ("service", "role"), [("worker", "signupassist_worker"), ("mcp", "signupassist_web")]
)
def test_a_program_acts_in_the_database_under_its_own_role(service: str, role: str) -> None:
    with mock.patch.dict(os.environ, compose.environment(service, variables())):
        assert RecordsSettings.load().role == role


def test_an_incomplete_environment_is_still_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in RecordsSettings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    with pytest.raises(SettingsError, match="SUPABASE_URL"):
        RecordsSettings.load()


def test_the_simulators_environment_holds_everything_that_compose_demands() -> None:
    assert compose.required() <= variables().keys()
    assert variables().keys() <= compose.interpolated()


@pytest.mark.parametrize("service", SERVICES)
def test_whoever_is_waited_for_can_say_that_it_is_ready(service: str) -> None:
    for name, gate in SERVICES[service].get("depends_on", {}).items():
        match gate["condition"]:
            case "service_healthy":
                assert "healthcheck" in SERVICES[name]
            case "service_completed_successfully":
                assert "healthcheck" not in SERVICES[name]
                assert SERVICES[name]["restart"].startswith("on-failure")
            case _:
                assert "restart" in SERVICES[name]


@pytest.mark.parametrize("service", compose.OURS)
def test_a_program_of_ours_can_write_nowhere_but_where_it_must_and_gain_no_right(
    service: str,
) -> None:
    told = SERVICES[service]
    assert told["read_only"]
    assert told["cap_drop"] == ["ALL"]
    assert told["security_opt"] == ["no-new-privileges:true"]
    assert [volume for volume in told.get("volumes", []) if ":/data" not in volume] == []


@pytest.mark.parametrize("service", sorted(SERVICES.keys() - {"db", "temporal-db"}))
def test_a_service_can_gain_no_right(service: str) -> None:
    assert SERVICES[service]["security_opt"] == ["no-new-privileges:true"]


def test_the_deploy_step_has_ended_well_before_a_program_starts() -> None:
    assert SERVICES["deploy"]["restart"].startswith("on-failure")
    for service in ("worker", "mcp"):
        needed = SERVICES[service]["depends_on"]["deploy"]
        assert needed == {"condition": "service_completed_successfully"}
        assert timedelta(seconds=int(SERVICES[service]["stop_grace_period"][:-1])) > PATIENCE


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_is_published_beyond_this_machine(service: str) -> None:
    for port in SERVICES[service].get("ports", []):
        assert port.startswith("127.0.0.1:")


@pytest.mark.parametrize("service", SERVICES)
def test_every_mounted_file_is_in_the_project(service: str) -> None:
    for volume in SERVICES[service].get("volumes", []):
        source = volume.split(":")[0]
        if source.startswith("."):
            assert (ROOT / source).exists()
            assert volume.endswith(":ro")


def test_the_image_holds_every_package_that_its_programs_import() -> None:
    units = {unit(file) for file in python_files()}
    # The leash is no import of anybody's: the supervisor runs it as a program.
    reached, waiting = set[str](), {"worker", "starter", "mcp_server", "console", "leash"}
    while waiting:
        reached |= (now := waiting)
        files = [file for file in python_files() if unit(file) in now]
        waiting = {name.split(".")[0] for file in files for name in imports(file)} & units
        waiting -= reached
    dockerfile = read(Path("Dockerfile"))
    base = dockerfile[dockerfile.index(" AS base") : dockerfile.index(" AS sandbox\n")]
    copied = {
        word.rstrip("/").removesuffix(".py")
        for line in re.findall(r"^COPY (.+) \S+$", base, re.MULTILINE)
        for word in line.split()
    }
    # The lock is part of a release's build id.
    assert copied == reached | {"supabase", "requirements.lock"}
    shared = set(re.findall(r"^!([\w/.]+?)(?:\.py)?/?$", read(Path(".dockerignore")), re.MULTILINE))
    assert copied <= shared
