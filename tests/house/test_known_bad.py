"""No lock holds a version that is known to be bad, and the lint for security is on."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.house.requirements import BOOTSTRAP, LOCKS, Asked, locked
from tests.house.tree import ROOT, read

NODE_LOCK = Path("sandbox/data_api/package-lock.json")


class Bad(NamedTuple):
    """Versions of one package before the first good one."""

    ecosystem: str
    package: str
    first_good: str
    advisory: str

    def holds_of(self, version: str) -> bool:
        return Asked(self.package, (("<", self.first_good),)).allows(version)


BAD = [
    Bad(ecosystem, package, first_good, advisory)
    for ecosystem, packages in tomllib.loads(read(Path("tests/house/known_bad.toml"))).items()
    for package, (first_good, advisory, _) in packages.items()
]


def _everything_locked() -> dict[str, dict[str, str]]:
    """By ecosystem and lock, for a message that names the lock."""
    node = json.loads(read(NODE_LOCK))["packages"]
    versions = {
        name.removeprefix("node_modules/"): it["version"] for name, it in node.items() if name
    }
    return {f"python {lock}": locked(lock) for lock in (*LOCKS, BOOTSTRAP)} | {
        f"node {NODE_LOCK}": versions
    }


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: f"{bad.package}-{bad.advisory}")
def test_no_lock_holds_a_version_that_is_known_to_be_bad(bad: Bad) -> None:
    found = [
        (lock, versions[bad.package])
        for lock, versions in _everything_locked().items()
        if lock.startswith(bad.ecosystem) and bad.package in versions
    ]
    assert found, f"{bad.package} is locked no more: take its line out of the list"
    holding = [(lock, version) for lock, version in found if bad.holds_of(version)]
    assert not holding, f"{bad.advisory}: at least {bad.first_good}"


def test_a_bad_version_would_be_found() -> None:
    h11 = next(bad for bad in BAD if bad.package == "h11")
    assert [h11.holds_of(version) for version in ("0.14.0", "0.16.0", "0.17.1")] == [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("program", "rule"),
    [
        ("import pickle\n\npickle.loads(b'')\n", "S301"),
        ("import subprocess\n\nsubprocess.run('ls', shell=True, check=True)\n", "S602"),
        ("import httpx\n\nhttpx.get('https://a.example', verify=False)\n", "S501"),
        ("PASSWORD = 'hunter2'\n", "S105"),
    ],
)
def test_the_rules_of_bandit_are_part_of_the_lint(program: str, rule: str) -> None:
    linted = subprocess.run(  # noqa: S603 - our own linter, on our own words
        [Path(sys.executable).parent / "ruff", "check", "--no-cache", "--output-format=concise",
         "--stdin-filename=mcp_server/tried.py", "-"],
        input=program, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert f" {rule} " in linted.stdout
