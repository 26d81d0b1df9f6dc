"""Each service's command in docker-compose.yml, started natively."""

import signal
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from sandbox.environment import of_program
from sandbox.ports import is_free
from sandbox.probe import HOST, answers, wait_until
from sandbox.program import ROOT
from tests.house import compose
from tests.stack.command_line import run, said
from tests.stack.world import World

pytestmark = pytest.mark.xdist_group("stack")

SECONDS = 60


def _native(command: list[str]) -> list[str]:
    assert command[0] == "python"
    return command[1:]


@contextmanager
def _running(
    argv: list[str], env: Mapping[str, str], log: Path, *, ends: int = 0
) -> Generator[None]:
    """The program until the block ends; told to end, it must do so with that status."""
    with log.open("wb") as output:
        program = subprocess.Popen(  # noqa: S603 - our own programs
            [sys.executable, *argv], cwd=ROOT, env=env, stdout=output, stderr=output
        )
    try:
        yield
        program.terminate()
        assert program.wait(SECONDS) == ends, log.read_text()
    finally:
        program.kill()
        program.wait(SECONDS)


def _free_port(beginning: int) -> int:
    return next(port for port in range(beginning, beginning + 200) if is_free(port))


def test_the_deploy_step_may_be_repeated(world: World) -> None:
    done = run(_native(compose.our_commands()["deploy"]), of_program("deploy", world.env))
    assert done.returncode == 0, said(done)
    assert "none, all were there" in done.stdout


def test_the_worker_says_when_it_is_ready_and_ends_when_told(world: World, tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    argv = _native(compose.our_commands()["worker"])
    with _running(argv, of_program("worker", world.env), log):
        assert wait_until(lambda: "worker_ready" in log.read_text(), SECONDS), log.read_text()


def test_the_chat_server_serves_and_ends_when_told(world: World, tmp_path: Path) -> None:
    port = _free_port(32_100)
    env = of_program("mcp", world.env) | {"MCP_PORT": str(port)}
    argv = _native(compose.our_commands()["mcp"])
    with _running(argv, env, tmp_path / "mcp.log"):
        assert wait_until(lambda: answers(port, "/healthz"), SECONDS)
        assert httpx.get(f"http://{HOST}:{port}/healthz").json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("service", "path"),
    [
        ("bookeo", "/_sim/health"),
        ("stripe", "/_sim/health"),
        ("issuer", "/.well-known/jwks.json"),
        ("mail", "/mails"),
    ],
)
def test_a_stand_in_serves_and_ends_when_told(
    world: World, tmp_path: Path, service: str, path: str
) -> None:
    ports: dict[str, int] = {}
    argv: list[str] = []
    for word in _native(compose.command(service)):
        option = word.partition("=")[0]
        if option.endswith("port"):
            ports[option] = _free_port(32_300 + 200 * len(ports))
            argv.append(f"{option}={ports[option]}")
        else:
            argv.append(word.replace("=/data/", f"={tmp_path}/"))
    port = ports["--port"]
    env = of_program("mcp", world.env) | _own(world, service)
    # uvicorn ends in order, then raises the signal once more.
    with _running(argv, env, tmp_path / "log", ends=-signal.SIGTERM):
        assert wait_until(lambda: answers(port, path), SECONDS)
        assert httpx.get(f"http://{HOST}:{port}{path}").status_code == 200


def _own(world: World, service: str) -> dict[str, str]:
    token = f"{service.upper()}_SIM_CONTROL_TOKEN"
    return {token: world.env[token]} if token in world.env else {}
