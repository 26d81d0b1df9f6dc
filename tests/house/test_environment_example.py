"""`.env.example` names every variable, no more and no fewer."""

import re
from pathlib import Path

from pydantic_settings import BaseSettings

import backup_settings
import release
import settings
import subscription_settings
import telemetry_settings
from connection import ACCOUNT_KEY_PREFIX
from tests.house import compose
from tests.house.tree import read

TEMPORAL = {
    "TEMPORAL_ADDRESS",
    "TEMPORAL_NAMESPACE",
    "TEMPORAL_API_KEY",
    "TEMPORAL_TLS",
    "TEMPORAL_TLS_CLIENT_CERT_PATH",
    "TEMPORAL_TLS_CLIENT_KEY_PATH",
    "TEMPORAL_TLS_SERVER_CA_CERT_PATH",
}
"""Read by temporalio.envconfig, which knows some more for special cases."""

EXAMPLE = Path(".env.example")
VARIABLE = re.compile(r"^(?:# )?(?P<name>[A-Z][A-Z0-9_]*)=", re.MULTILINE)


def _settings() -> set[str]:
    parts = [
        part
        for module in (
            settings,
            backup_settings,
            subscription_settings,
            telemetry_settings,
            release,
        )
        for part in vars(module).values()
        if isinstance(part, type) and issubclass(part, BaseSettings)
    ]
    return {name.upper() for part in parts for name in part.model_fields}


def _described() -> list[str]:
    return [found["name"] for found in VARIABLE.finditer(read(EXAMPLE))]


def test_it_names_what_the_programs_and_compose_read() -> None:
    described = {name for name in _described() if not name.startswith(ACCOUNT_KEY_PREFIX)}
    read_by_compose = {
        name for name in compose.interpolated() if not name.startswith(ACCOUNT_KEY_PREFIX)
    }
    assert described == _settings() | TEMPORAL | read_by_compose
    assert any(name.startswith(ACCOUNT_KEY_PREFIX) for name in _described())


def test_no_variable_is_named_twice() -> None:
    assert len(_described()) == len(set(_described()))


def test_each_variable_has_a_sentence() -> None:
    """The comment right above it, or above the run of variables that share it."""
    for paragraph in re.split(r"\n\s*\n", read(EXAMPLE)):
        lines = paragraph.strip().splitlines()
        first = next((n for n, line in enumerate(lines) if VARIABLE.match(line)), None)
        if first is not None:
            sentence = " ".join(lines[:first])
            assert sentence.startswith("# "), f"{lines[first]} has no sentence"
            assert sentence.endswith("."), sentence
