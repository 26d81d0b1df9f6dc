import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple
from unittest.mock import Mock

import httpx
import pytest
from typer.testing import CliRunner

from sandbox import environment, ports
from sandbox.__main__ import app
from sandbox.complaint import SandboxError
from sandbox.probe import wait_until
from sandbox.processes import alive, arguments, children
from sandbox.program import ROOT, Child, Program
from sandbox.up import Stack
from supervisor import command

LIGHT = "worker,mcp,bookeo,stripe,temporal,data_api"
"""What the tests of the command line go without: starting and ending is their subject."""


class Running(NamedTuple):
    process: subprocess.Popen[str]
    data: Path

    def children(self) -> list[int]:
        return children(self.process.pid)

    def is_up(self) -> bool:
        return (self.data / environment.FILE_NAME).exists()


def _up(data: Path, *options: str) -> Running:
    command = [sys.executable, "-m", "sandbox", "up", "--data", str(data), *options]
    process = subprocess.Popen(  # noqa: S603 - our own program
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return Running(process, data)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    running = _up(tmp_path / "data", "--without", LIGHT)
    assert wait_until(running.is_up, 60)
    yield running
    running.process.kill()
    running.process.communicate(timeout=30)


def test_up_writes_every_variable_of_the_contract(stack: Stack) -> None:
    written = environment.read(stack.data)
    assert written == stack.env
    contract = [
        "TEMPORAL_ADDRESS",
        "TEMPORAL_NAMESPACE",
        "SUPABASE_URL",
        "SUPABASE_SERVICE_ROLE_KEY",
        "SUPABASE_ANON_KEY",
        "DATABASE_URL",
        "STRIPE_SECRET_KEY",
        "STRIPE_WEBHOOK_SECRET",
        "STRIPE_PRICE_ID",
        "STRIPE_API_BASE",
        "BOOKEO_API_KEY",
        "BOOKEO_SECRET_KEY",
        "BOOKEO_API_BASE",
        "BOOKEO_WEBHOOK_URL",
        "AUTH_ISSUER",
        "AUTH_JWKS_URL",
        "AUTH0_AUDIENCE",
        "MCP_HOST",
        "MCP_PORT",
        "PUBLIC_URL",
        "QUESTION_KEYS",
        "FIELD_KEYS",
        "SMTP_URL",
        "MAIL_FROM",
        "BUSINESS_TIME_ZONE",
        "METRICS_PORT",
        "BOOKEO_SIM_CONTROL_URL",
        "BOOKEO_SIM_CONTROL_TOKEN",
        "STRIPE_SIM_CONTROL_URL",
        "STRIPE_SIM_CONTROL_TOKEN",
        "MAIL_CATCHER_URL",
        "TEMPORAL_UI_URL",
        "TEMPORAL_METRICS_URL",
        "MCP_URL",
    ]
    assert set(contract) <= written.keys()
    assert all(written[name] for name in contract)
    assert written["BOOKEO_API_BASE"].endswith("/v2")


def test_the_web_ui_of_temporal_is_there(stack: Stack) -> None:
    assert httpx.get(stack.env["TEMPORAL_UI_URL"], follow_redirects=True).status_code == 200


def test_temporal_s_own_figures_are_there(stack: Stack) -> None:
    assert "service_requests{" in httpx.get(stack.env["TEMPORAL_METRICS_URL"]).text


def test_nobody_but_the_owner_can_look_into_the_data_folder(stack: Stack) -> None:
    for private in (stack.data / "keys.json", stack.data / "sandbox.env"):
        assert private.stat().st_mode & 0o077 == 0
    for file in (stack.data / "issuer").iterdir():
        assert file.stat().st_mode & 0o077 == 0


def test_a_killed_program_is_named_with_the_end_of_its_log_and_can_be_revived(
    stack: Stack,
) -> None:
    stack.kill("issuer")
    assert list(stack.dead()) == ["issuer"]
    assert "issuer was ended by SIGKILL" in stack.dead()["issuer"]
    with pytest.raises(SandboxError, match="issuer is not running"):
        stack.pid("issuer")
    stack.restart("issuer")
    assert stack.dead() == {}
    assert httpx.get(stack.env["AUTH_JWKS_URL"]).status_code == 200


def test_a_second_sandbox_in_the_same_folder_is_refused(stack: Stack) -> None:
    with pytest.raises(SandboxError, match="Another sandbox already runs"):
        Stack(stack.data).start()
    assert stack.dead() == {}


def test_a_program_that_nobody_knows_cannot_be_left_out(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="no program webserver"):
        Stack(tmp_path, without=["webserver"])


def test_a_program_that_dies_at_its_start_is_reported_with_the_end_of_its_log(
    tmp_path: Path,
) -> None:
    said = "import sys; sys.exit('the disk is full')"
    program = Program(
        name="doomed", argv=(sys.executable, "-c", said), env=os.environ, ready=lambda: False
    )
    with pytest.raises(SandboxError, match=r"doomed ended with status 1[\s\S]*the disk is full"):
        Child(program, tmp_path / "doomed.log").start()


def test_a_part_of_a_program_can_be_killed_alone_and_all_of_them_together(tmp_path: Path) -> None:
    sleeper = tmp_path / "sleeper.py"
    sleeper.write_text("import time; time.sleep(60)")
    supervised = command(sleeper, [["--queue=a"], ["--queue=b"]], patience=5)
    program = Program(name="parted", argv=supervised, env=os.environ, ready=lambda: True)
    child = Child(program, tmp_path / "log")
    child.start()

    def parts() -> list[int]:
        return [pid for pid in children(child.pid) if alive(pid)]

    assert wait_until(lambda: len(parts()) == 2, 20)
    a, b = child.part("--queue=a"), child.part("--queue=b")
    child.signal(signal.SIGKILL, "--queue=a")
    assert not alive(a)
    assert child.alive
    assert wait_until(lambda: len(parts()) == 2, 20)
    assert child.part("--queue=b") == b
    everything = [child.pid, *parts()]
    child.signal(signal.SIGKILL)
    assert not any(map(alive, everything))
    with pytest.raises(SandboxError, match="parted is not running"):
        child.part("--queue=a")


def test_nothing_outlives_a_kill_of_the_sandbox_and_the_next_start_keeps_its_addresses(
    running: Running,
) -> None:
    programs, before = running.children(), environment.read(running.data)
    assert programs
    running.process.kill()
    running.process.wait(30)
    assert wait_until(lambda: not any(map(alive, programs)), 20)
    (running.data / environment.FILE_NAME).unlink()
    again = _up(running.data, "--without", LIGHT)
    assert wait_until(again.is_up, 60)
    assert environment.read(again.data) == before
    again.process.terminate()
    again.process.communicate(timeout=60)


def test_a_program_that_dies_is_reported_while_the_others_go_on_until_sigterm(
    running: Running,
) -> None:
    programs = running.children()
    mail = next(p for p in programs if "sandbox.mail" in arguments(p))
    os.kill(mail, signal.SIGKILL)
    assert running.process.stdout is not None
    lines = iter(running.process.stdout)
    before = list(takewhile(lambda line: "mail was ended by SIGKILL" not in line, lines))
    assert any("Ready in" in line for line in before)
    assert running.process.poll() is None
    assert sum(map(alive, programs)) == len(programs) - 1
    running.process.terminate()
    assert running.process.wait(60) == 0
    assert not any(map(alive, programs))


def test_a_failed_start_ends_non_zero_with_a_sentence_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "RELEASE_SECONDS", 0.1)
    # In this process: the signals stay with the tests.
    monkeypatch.setattr(signal, "signal", Mock())
    with socket.create_server(("127.0.0.1", 0)) as taken:
        base = str(taken.getsockname()[1])
        options = ("--data", str(tmp_path), "--without", LIGHT, "--port-base", base)
        failed = CliRunner().invoke(app, ["up", *options])
    assert failed.exit_code == 1
    assert f"Port {base}" in failed.stderr
    assert not (tmp_path / environment.FILE_NAME).exists()
