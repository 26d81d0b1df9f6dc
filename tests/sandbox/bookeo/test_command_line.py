"""The program itself: its own process, its command line, its death and return."""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

from sandbox.bookeo.__main__ import app
from sandbox.bookeo.control import BookeoControl
from sandbox.bookeo.vendor import bookeo_vendor
from sandbox.simulator.server import running
from tests.sandbox.bookeo.desk import ENVIRONMENT, KEYS, STARTS, TOKEN, Desk

VARIABLES = os.environ | ENVIRONMENT | {"BOOKEO_SIM_CONTROL_TOKEN": TOKEN}
START_SECONDS = 30


@contextmanager
def _program(
    data: Path, port: str = "0"
) -> Generator[tuple[str, "subprocess.Popen[str]"], None, None]:
    command = [sys.executable, "-m", "sandbox.bookeo", "serve"]
    command += ["--port", port, "--data", str(data)]
    with subprocess.Popen(  # noqa: S603 - our own program
        command, env=VARIABLES, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            ready, _, _ = select.select([process.stdout], [], [], START_SECONDS)
            assert ready, "the simulator did not start"
            yield process.stdout.readline().split()[-1], process
        finally:
            process.kill()


def _ask(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, env=VARIABLES)


def _serve(data: Path, port: str, variables: Mapping[str, str] = VARIABLES) -> tuple[int, str]:
    """How a start that must fail ends: its status, and what it complains of."""
    ended = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "sandbox.bookeo", "serve", "--port", port, "--data", str(data)],
        env=dict(variables),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return ended.returncode, ended.stderr


@contextmanager
def _desk(url: str) -> Generator[Desk, None, None]:
    with (
        BookeoControl(url, TOKEN) as control,
        httpx.Client(base_url=f"{url}/v2", headers=KEYS, trust_env=False) as client,
    ):
        yield Desk(url, control, client)


def test_a_booking_outlives_the_process_that_died_right_after_its_commit(tmp_path: Path) -> None:
    data = tmp_path / "bookeo.db"
    with _program(data) as (url, process), _desk(url) as desk:
        desk.control.put_product("P1")
        desk.event()
        desk.control.add_fault("crash_after_commit", reference="r1")
        with pytest.raises(httpx.TransportError):
            desk.book()
        assert process.wait(20) == 137
    with _program(data) as (url, process), _desk(url) as desk:
        assert len(desk.control.live_bookings("r1")) == 1
        [entry] = desk.control.requests("r1")
        assert entry.committed_ms is not None
        assert (entry.answered, entry.finished_ms) == (False, None)
        process.send_signal(signal.SIGKILL)
        process.wait(20)
    with _program(data) as (url, process), _desk(url) as desk:
        assert len(desk.control.live_bookings("r1")) == 1
        process.terminate()
        assert process.wait(20) in (0, -signal.SIGTERM)


def test_a_late_commit_survives_a_restart(tmp_path: Path) -> None:
    data = tmp_path / "bookeo.db"
    with _program(data) as (url, _), _desk(url) as desk:
        desk.control.put_product("P1")
        desk.event()
        desk.control.add_fault("delayed_commit", after_ms=500)
        assert desk.book().status_code == 504
    with _program(data) as (url, _), _desk(url) as desk:
        for _ in range(500):
            if desk.control.live_bookings("r1"):
                break
            select.select([], [], [], 0.02)
        assert len(desk.control.live_bookings("r1")) == 1


def test_the_operators_commands_speak_to_a_running_simulator(tmp_path: Path) -> None:
    seed = tmp_path / "seed.json"
    document = {
        "products": [{"product_id": "P1", "name": "Swimming", "rates": {"Cchildren": 100}}],
        "events": [
            {
                "product_id": "P1",
                "event_id": "E1",
                "starts_at": STARTS.isoformat(),
                "ends_at": (STARTS + timedelta(hours=1)).isoformat(),
                "capacity": 5,
            }
        ],
    }
    seed.write_text(json.dumps(document))
    vendor, data = bookeo_vendor(ENVIRONMENT), tmp_path / "bookeo.db"
    with running(vendor, data=data, control_token=TOKEN) as url, _desk(url) as desk:
        at = ("--url", url)
        seeded = _ask("seed", *at, str(seed))
        assert json.loads(seeded.stdout) == {"accounts": 0, "products": 1, "events": 1}
        assert _ask("fault", *at, '{"kind": "error_before", "remaining": 1}').exit_code == 0
        assert json.loads(_ask("faults", *at).stdout)[0]["kind"] == "error_before"
        assert _ask("clear", *at).exit_code == 0
        desk.book("twice")
        assert _ask("invariants", *at).exit_code == 0
        desk.book("twice")
        assert _ask("invariants", *at).exit_code == 1
        ledger = json.loads(_ask("ledger", *at, "--reference", "twice").stdout)
        assert [entry["status"] for entry in ledger] == [201, 201]
        wrong = _ask("fault", *at, '{"kind": "gremlins"}')
        assert (wrong.exit_code, "no fault kind" in wrong.stderr) == (2, True)


def test_what_is_missing_or_taken_is_said_in_a_sentence(tmp_path: Path) -> None:
    data = tmp_path / "bookeo.db"
    bare = {name: text for name, text in VARIABLES.items() if name != "BOOKEO_SIM_CONTROL_TOKEN"}
    silent = _serve(data, "0", bare)
    with running(bookeo_vendor(ENVIRONMENT), data=data, control_token=TOKEN) as url:
        busy = _serve(data, "0")
        taken = _serve(tmp_path / "other.db", url.rsplit(":", 1)[1])
    nobody = _ask("faults", "--url", url)

    assert silent[1].startswith("Set BOOKEO_SIM_CONTROL_TOKEN")
    assert "served by another process" in busy[1]
    assert "in use by another program" in taken[1]
    assert "does not answer" in nobody.stderr
    assert [silent[0], busy[0], taken[0], nobody.exit_code] == [2, 2, 2, 2]
    assert "Traceback" not in silent[1] + busy[1] + taken[1] + nobody.stderr
