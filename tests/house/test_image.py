"""The image: what it holds is what the programs need, and nobody in it is root."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house import image
from tests.house.tree import ROOT, own_files, read, unit

LEFT_OUT = {"tests", "sandbox", "bench", "docs", "deploy", ".ci"}
"""Whatever is for those who build the house."""

SECONDS = 60


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an image holds under /app."""
    folder = tmp_path_factory.mktemp("app")
    image.put_together("app", folder)
    return folder


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """There, with the packages that are installed here and nothing else of ours."""
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


@pytest.mark.parametrize("stage", ["app", "sandbox"])
def test_whatever_is_copied_is_there_and_is_sent_to_docker(stage: str) -> None:
    sent = [file for file in own_files() if image.is_sent(file)]
    for path in image.copied(stage):
        assert (ROOT / path).exists()
        assert any(path in {str(file), *map(str, file.parents)} for file in sent), path


def test_docker_is_sent_nothing_that_no_stage_copies() -> None:
    wanted = {file for stage in image.stages() for file in image.held(stage)}
    assert {file for file in own_files() if image.is_sent(file)} == wanted


def test_nothing_for_those_who_build_the_house_is_in_it() -> None:
    assert not {unit(file) for file in image.held("app")} & LEFT_OUT


@pytest.mark.parametrize("program", ["worker.py", "starter.py"])
def test_a_program_starts_from_what_is_in_it(app: Path, program: str) -> None:
    done = _run(app, program, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Usage: " in done.stdout


def test_the_mcp_server_starts_from_what_is_in_it_and_loads_nothing_else_of_ours(app: Path) -> None:
    program = (
        "import runpy, sys, mcp_server.app\n"
        "try: runpy.run_module('mcp_server', run_name='__main__')\n"
        "except SystemExit as end: print(end.code)\n"
        "print(*{getattr(m, '__file__', None) or '' for m in sys.modules.values()}, sep='\\n')"
    )
    done = _run(app, "-c", program)
    code, *files = done.stdout.splitlines()
    assert code == "2", done.stderr  # it lacks its environment, and says which
    assert "SUPABASE_URL is missing" in done.stderr
    ours = {file for file in files if file.startswith(str(ROOT)) and ".venv" not in file}
    assert not ours
    assert str(app / "mcp_server" / "app.py") in files


def test_the_deploy_step_finds_its_migrations_in_it(app: Path) -> None:
    program = "from console.deploy import released_migrations; print(len(released_migrations()))"
    done = _run(app, "-c", program)
    folder = ROOT / "supabase" / "migrations"
    assert done.stdout.split() == [str(len(list(folder.glob("*.sql"))))], done.stderr


@pytest.mark.parametrize("stage", ["app", "sandbox"])
def test_whoever_runs_in_it_is_not_root(stage: str) -> None:
    users = [user for each in image.chain(stage) for user in each.all_of("USER")]
    assert users
    assert all(user.isdigit() and int(user) > 0 for user in users)
    made = next(run for run in image.stages()["base"].all_of("RUN") if "useradd" in run)
    assert f"--uid {users[-1]} " in made


def test_packages_come_from_the_lock_as_wheels_and_nothing_is_compiled_at_the_start() -> None:
    installs = [
        run
        for name in ("packages", "sandbox-packages")
        for run in image.stages()[name].all_of("RUN")
    ]
    assert len(installs) == 2
    for run in installs:
        assert "--require-hashes --only-binary :all:" in run
        assert "--invalidation-mode unchecked-hash" in run
    for name in ("packages", "sandbox-packages", "base"):
        assert "SOURCE_DATE_EPOCH=0" in image.stages()[name].all_of("ARG")


def test_it_is_what_a_build_without_a_target_gives_and_runs_the_worker() -> None:
    assert list(image.stages())[-1] == "app"
    assert image.stages()["app"].all_of("CMD") == ['["python", "worker.py"]']
    pinned = r"^ARG PYTHON=python:3\.11\.\d+-slim-bookworm(@sha256:[0-9a-f]{64})?$"
    assert re.search(pinned, read(image.DOCKERFILE), re.MULTILINE)


def test_it_is_told_to_end_as_the_programs_know_it_and_carries_its_build() -> None:
    app = image.chain("app")
    assert [signal for each in app for signal in each.all_of("STOPSIGNAL")] == ["SIGTERM"]
    assert image.stages()["app"].all_of("ARG") == ["WORKER_BUILD_ID"]
    assert image.stages()["app"].all_of("ENV") == ["WORKER_BUILD_ID=${WORKER_BUILD_ID}"]
