"""docs/new-job.md, followed word for word in a copy of the project."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT, read
from workflows.schedules import VERSION

DOCUMENT = read(Path("docs/new-job.md"))
LEFT_ALONE = {".git", ".venv", ".sandbox", ".pytest_cache", ".ruff_cache", ".hypothesis"}
WITHIN_S = 80


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The project with a `workflows` of its own; the rest is the original."""
    copy = tmp_path / "project"
    copy.mkdir()
    for entry in ROOT.iterdir():
        if entry.name == "workflows":
            shutil.copytree(entry, copy / entry.name, ignore=shutil.ignore_patterns("__pycache__"))
        elif entry.name not in LEFT_ALONE:
            (copy / entry.name).symlink_to(entry)
    return copy


def _file() -> tuple[str, str]:
    """Where the document says that the job goes, and the job."""
    found = re.search(r"`(workflows/jobs/\w+\.py)`:\n\n```python\n(.*?)```", DOCUMENT, re.DOTALL)
    assert found is not None
    return found[1], found[2]


def _commands() -> list[str]:
    """What it says to type, in order, but for make and the deploy step's database."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
    lines = [line for kind, block in blocks if not kind for line in block.splitlines()]
    return [line.split(maxsplit=2)[2] for line in lines if line.startswith("python starter.py")]


@pytest.mark.timeout(2 * WITHIN_S)
def test_a_job_in_one_file_is_linted_planned_applied_served_and_run(
    server: str, copy: Path
) -> None:
    where, job = _file()
    assert not (copy / where).exists()
    (copy / where).write_text(job)
    table = copy / "workflows" / "schedules.py"
    raised = f"VERSION = {VERSION + 1}"
    table.write_text(table.read_text().replace(f"VERSION = {VERSION}", raised))
    assert raised in table.read_text()

    followed = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "tests.schedules.follow", server, *_commands()],
        cwd=copy,
        env={**os.environ, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )

    assert followed.returncode == 0, followed.stdout + followed.stderr
    said = followed.stdout
    steps = [command.split()[1] for command in _commands()]
    assert steps == ["lint", "plan", "apply", "trigger", "list"]
    assert re.search(r"count-alerts\s+create", said)
    assert "count-alerts (created)" in said
    assert re.search(r"Begun: count-alerts-20\S+Z", said)
    assert re.search(r"count-alerts\s+at 08:00:00 America/New_York\s+running", said)
    assert "the run of count-alerts counted 2 alerts for " in said


def test_the_document_s_job_breaks_no_rule_of_the_house(copy: Path) -> None:
    where, job = _file()
    (copy / where).write_text(job)
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run(  # noqa: S603 - our own program
            [str(Path(sys.executable).parent / "ruff"), *command, str(copy / where)],
            cwd=copy,
            capture_output=True,
            text=True,
            timeout=WITHIN_S,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
