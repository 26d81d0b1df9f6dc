"""What every file of the project keeps to."""

import json
import re
from pathlib import Path

import pytest

from tests.house.requirements import BOOTSTRAP, LOCKS, PINNED, asked_for, locked
from tests.house.tree import ROOT, own_files, read

LINES = 300
LONGER: dict[Path, str] = {}
"""Files above the limit, each with the reason why it is one thing all the same."""

CODE = {".py", ".sql", ".mjs"}
NOT_TEXT = {".gz", ".ico", ".png"}

# Put together here, so that this file does not name them either.
REGISTRIES = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("registry", "yarnpkg", "com"),
        ("deb", "debian", "org"),
    )
)
MACHINE_PATH = re.compile(
    r"(?:^|[^A-Za-z0-9_.-])/(?:work|farm|root|home/\w+|Users/\w+)/", re.MULTILINE
)

TEXTS = [file for file in own_files() if file.suffix not in NOT_TEXT]


def test_a_file_of_code_is_one_noun_and_short() -> None:
    lengths = {file: len(read(file).splitlines()) for file in own_files() if file.suffix in CODE}
    longer = {file: lines for file, lines in lengths.items() if lines > LINES}
    assert longer.keys() == LONGER.keys(), "which two nouns share a file?"


def test_no_file_names_a_package_registry() -> None:
    naming = {str(file) for file in TEXTS if any(host in read(file) for host in REGISTRIES)}
    assert not naming


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    knowing = {str(file) for file in TEXTS if MACHINE_PATH.search(read(file))}
    assert not knowing


@pytest.mark.parametrize("lock", [*LOCKS, BOOTSTRAP])
def test_every_locked_package_has_hashes_and_none_has_an_address(lock: str) -> None:
    text = read(Path(lock))
    blocks = [block for block in re.split(r"\n(?=\S)", text) if PINNED.match(block)]
    assert blocks
    assert not [block for block in blocks if "--hash=sha256:" not in block]
    assert "://" not in text


@pytest.mark.parametrize(
    ("lock", "extras"),
    [
        ("requirements.lock", ("",)),
        ("requirements-sandbox.lock", ("", "sandbox")),
        ("requirements-dev.lock", ("", "sandbox", "dev")),
    ],
)
def test_the_locks_hold_what_the_project_asks_for(lock: str, extras: tuple[str, ...]) -> None:
    versions = locked(lock)
    for extra in extras:
        for asked in asked_for()[extra]:
            version = versions.get(asked.name)
            assert version is not None, f"{asked.name} is not locked: make lock"
            assert asked.allows(version), f"{asked.name} {version}: make lock"


def test_tests_and_sandbox_run_with_the_versions_of_production() -> None:
    production, sandbox, everything = map(locked, LOCKS)
    assert production.items() <= sandbox.items() <= everything.items()
    assert locked(BOOTSTRAP).items() <= everything.items()


def test_every_node_package_is_locked_by_content_and_without_an_address() -> None:
    lock = json.loads((ROOT / "sandbox" / "data_api" / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages
    assert not [name for name, package in packages.items() if "integrity" not in package]
    assert not [name for name, package in packages.items() if "resolved" in package]
