"""What docker-compose.yml says, as Python values."""

import re
import shlex
from collections.abc import Mapping
from typing import Any

import yaml

from tests.house.tree import ROOT

OURS = ("deploy", "worker", "mcp")
"""The services that run the application's own programs."""
STAND_INS = ("bookeo", "stripe", "issuer", "mail")

REFERENCE = re.compile(r"\$\{(?P<name>\w+)(?:(?P<kind>:[-?])(?P<rest>[^}]*))?\}")

Service = dict[str, Any]


def document() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def services() -> dict[str, Service]:
    return document()["services"]


def command(service: str) -> list[str]:
    given: str | list[str] = services()[service]["command"]
    return shlex.split(given) if isinstance(given, str) else given


def our_commands() -> dict[str, list[str]]:
    """The command of each of our own programs, to be run from the root of the project."""
    return {service: command(service) for service in OURS}


def required() -> set[str]:
    """The variables without which Compose refuses to start."""
    text = (ROOT / "docker-compose.yml").read_text()
    return {found["name"] for found in REFERENCE.finditer(text) if found["kind"] == ":?"}


def interpolated() -> set[str]:
    """Every variable that Compose takes from `.env`."""
    text = (ROOT / "docker-compose.yml").read_text()
    passed_on = {
        name
        for service in services().values()
        for name, value in service.get("environment", {}).items()
        if value is None
    }
    return passed_on | {found["name"] for found in REFERENCE.finditer(text)}


def environment(service: str, dot_env: Mapping[str, str]) -> dict[str, str]:
    """What the service's program sees, with these variables in `.env`."""

    def value_of(found: re.Match[str]) -> str:
        default = found["rest"] if found["kind"] == ":-" else ""
        return dot_env.get(found["name"]) or default

    seen: dict[str, str] = {}
    for name, value in services()[service].get("environment", {}).items():
        if value is not None:
            seen[name] = REFERENCE.sub(value_of, str(value))
        elif name in dot_env:
            seen[name] = dot_env[name]
    return seen
