import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tests.console.program import starter, told

NOWHERE = "127.0.0.1:1"
"""A port on which nothing ever listens."""
CODE = "SCH-7KQ2M9XA"
DATABASE = {"SUPABASE_URL": f"http://{NOWHERE}", "SUPABASE_SERVICE_ROLE_KEY": "sb_secret_made_up"}
EVERYTHING = {
    **DATABASE,
    "STRIPE_SECRET_KEY": "sk_test_made_up",
    "BOOKEO_SECRET_KEY": "made-up-secret",
    "BOOKEO_API_KEY": "made-up-key",
    "TEMPORAL_ADDRESS": NOWHERE,
}


class EmptyDataApi(BaseHTTPRequestHandler):
    """A data API whose database holds nothing."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"null")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as inherited
        pass


@pytest.fixture
def empty_database() -> Iterator[dict[str, str]]:
    """The settings of a database without registrations."""
    with ThreadingHTTPServer(("127.0.0.1", 0), EmptyDataApi) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield {**DATABASE, "SUPABASE_URL": f"http://127.0.0.1:{server.server_port}"}
        server.shutdown()


def test_help_is_reached_through_starter_py() -> None:
    done = starter("--help")

    assert done.returncode == 0
    assert "Usage: python starter.py" in done.stdout


def test_no_command_at_all_shows_the_help_as_wrong_usage() -> None:
    done = told()

    assert done.exit_code == 2
    assert "Usage: python starter.py" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["list"], ["SUPABASE_URL", "SUPABASE_SERVICE_ROLE_KEY"]),
        (["audit", "verify", "--all"], ["SUPABASE_URL"]),
        (["cancel", CODE], ["SUPABASE_URL", "STRIPE_SECRET_KEY", "BOOKEO_API_KEY"]),
        (["mandate", "verify", CODE], ["MANDATE_SIGNING_KEYS"]),
        (["mandate", "sign-old", "--by", "kim"], ["MANDATE_SIGNING_KEYS"]),
        (["deploy"], ["DATABASE_URL"]),
    ],
)
def test_missing_variables_are_named_with_what_they_are_for(
    arguments: list[str], named: list[str]
) -> None:
    done = told(*arguments)

    assert done.exit_code == 2
    assert done.stdout == ""
    for name in named:
        assert f"{name} is missing: " in done.stderr


def test_a_command_that_only_reads_needs_no_other_settings_than_the_databases() -> None:
    done = told("receipts", env=DATABASE)

    assert done.exit_code == 1
    assert "missing" not in done.stderr
    assert "The database does not answer" in done.stderr


def test_a_missing_temporal_address_is_named() -> None:
    done = told("cancel", CODE, env=EVERYTHING | {"TEMPORAL_ADDRESS": ""})

    assert done.exit_code == 2
    assert "TEMPORAL_ADDRESS is missing" in done.stderr


def test_an_unreachable_temporal_is_a_sentence_and_the_end_is_logged_without_arguments() -> None:
    done = starter("cancel", CODE, env=EVERYTHING)

    assert done.returncode == 1
    assert done.stderr.startswith(f"Temporal does not answer at {NOWHERE}.")
    logged = json.loads(done.stderr.splitlines()[-1])
    assert (logged["event"], logged["command"]) == ("command_ended", "python starter.py cancel")
    assert (logged["exit_code"], logged["duration_ms"] > 0) == (1, True)
    assert CODE not in done.stderr


def test_an_unknown_code_is_refused(empty_database: dict[str, str]) -> None:
    done = told("audit", "show", CODE, env=empty_database)

    assert (done.exit_code, done.stdout) == (1, "")
    assert f"There is no registration {CODE}." in done.stderr


@pytest.mark.parametrize(
    ("url", "code"),
    [("postgresql://owner:hunter2@127.0.0.1:1/postgres", 1), ("owner hunter2", 2)],
)
def test_a_database_that_deploy_cannot_use_is_a_sentence_without_its_password(
    url: str, code: int
) -> None:
    done = told("deploy", env={"DATABASE_URL": url, "TEMPORAL_ADDRESS": NOWHERE})

    assert done.exit_code == code
    assert "DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr
    assert "hunter2" not in done.stderr
