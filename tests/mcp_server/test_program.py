import os
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest

from mcp_server.__main__ import check_settings
from settings import SettingsError
from tests.mcp_server.serving import HOST, bound_socket, port_of

ROOT = Path(__file__).parents[2]

NEEDED = {
    "PUBLIC_URL",
    "AUTH0_AUDIENCE",
    "AUTH0_DOMAIN",
    "SUPABASE_URL",
    "SUPABASE_SERVICE_ROLE_KEY",
    "STRIPE_SECRET_KEY",
    "BOOKEO_API_KEY",
    "BOOKEO_SECRET_KEY",
}


def run(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mcp_server"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def complete(closed_port: int) -> dict[str, str]:
    nobody = f"http://{HOST}:{closed_port}"
    return {
        "PUBLIC_URL": "https://signup.example",
        "AUTH0_AUDIENCE": "https://signup.example/mcp",
        "AUTH0_DOMAIN": "signup.auth0.example",
        "SUPABASE_URL": nobody,
        "SUPABASE_SERVICE_ROLE_KEY": "sb_secret_made_up",
        "STRIPE_SECRET_KEY": "sk_test_made_up",
        "STRIPE_API_BASE": nobody,
        "BOOKEO_API_KEY": "made_up",
        "BOOKEO_SECRET_KEY": "made_up",
        "BOOKEO_API_BASE": f"{nobody}/v2",
        "TEMPORAL_ADDRESS": f"{HOST}:{closed_port}",
    }


def test_every_missing_variable_is_named_before_anything_starts() -> None:
    ended = run({})
    assert ended.returncode == 2
    named = {line.split(" ", 1)[0] for line in ended.stderr.splitlines()}
    assert named == NEEDED
    assert all("is missing: " in line for line in ended.stderr.splitlines())


def test_a_malformed_variable_is_named_and_not_shown() -> None:
    wrong = {"MCP_PORT": "70000", "SUPABASE_URL": "secret-looking-thing"}
    with (
        mock.patch.dict(os.environ, complete(1) | wrong, clear=True),
        pytest.raises(SettingsError) as refused,
    ):
        check_settings()
    said = str(refused.value)
    assert {line.split(" ", 1)[0] for line in said.splitlines()} == wrong.keys()
    assert "secret-looking-thing" not in said


def test_without_temporal_it_says_so_and_ends() -> None:
    with bound_socket() as closed:
        ended = run(complete(port_of(closed)))
    assert ended.returncode == 1
    assert "Temporal does not answer" in ended.stderr
    assert "Traceback" not in ended.stderr + ended.stdout
