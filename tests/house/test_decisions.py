"""docs/decisions/0002-dependencies.md gives a reason for every direct dependency."""

import json
import re
from pathlib import Path

import pytest

from tests.house.requirements import asked_for
from tests.house.tree import own_files, read

DECISION = Path("docs/decisions/0002-dependencies.md")
ROW = re.compile(
    r"^\| (?P<name>[^|]+?) \| (?P<why>[^|]+?) \| (?P<passed_over>[^|]+?) \|$", re.MULTILINE
)


def _asked_for() -> list[str]:
    npm = json.loads(read(Path("sandbox/data_api/package.json")))["dependencies"]
    return [*(asked.name for extra in asked_for().values() for asked in extra), *npm]


def test_every_direct_dependency_has_its_line_and_no_other_has() -> None:
    explained = [row["name"] for row in ROW.finditer(read(DECISION)) if row["name"] != "package"]
    assert sorted(explained) == sorted(_asked_for())


@pytest.mark.parametrize(
    "file", [file for file in own_files() if file.parent == DECISION.parent], ids=str
)
def test_a_decision_is_short_and_numbered(file: Path) -> None:
    assert re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", file.name)
    heading = read(file).splitlines()[0]
    assert heading.startswith(f"# {int(file.name[:4])}. ")
    # The list of dependencies is a table; the others are read in a minute.
    assert file == DECISION or len(read(file).splitlines()) <= 30
