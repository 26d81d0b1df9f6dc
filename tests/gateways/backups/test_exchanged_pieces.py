"""Pieces of backups that somebody left out, doubled or exchanged."""

import json
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from domain.backup_errors import BackupDamaged
from tests.backups import NIGHT, Vault, due

Change = Callable[[Vault, str, str], None]


def left_out(kept: Vault, place: str, other: str) -> None:
    del other
    _chunks(kept, place)[1].unlink()


def the_last_left_out_and_the_manifest_made_to_fit(kept: Vault, place: str, other: str) -> None:
    del other

    def without_last(manifest: dict[str, Any]) -> None:
        manifest["chunks"].pop()

    _rewrite(kept, place, without_last)


def doubled(kept: Vault, place: str, other: str) -> None:
    del other
    first, second = _chunks(kept, place)[:2]
    second.write_bytes(first.read_bytes())


def two_exchanged_and_their_checksums_too(kept: Vault, place: str, other: str) -> None:
    del other
    first, second = _chunks(kept, place)[:2]
    one, two = first.read_bytes(), second.read_bytes()
    first.write_bytes(two)
    second.write_bytes(one)
    _rewrite(kept, place, lambda manifest: _set_digest(manifest, 0, two))


def exchanged_with_another_backup_s(kept: Vault, place: str, other: str) -> None:
    _chunks(kept, place)[0].write_bytes(_chunks(kept, other)[0].read_bytes())


def the_manifest_of_another_backup(kept: Vault, place: str, other: str) -> None:
    foreign = (kept.folder / other / "manifest.jsonl").read_bytes()
    (kept.folder / place / "manifest.jsonl").write_bytes(foreign)


def all_of_another_backup(kept: Vault, place: str, other: str) -> None:
    for file in (kept.folder / other).iterdir():
        (kept.folder / place / file.name).write_bytes(file.read_bytes())


def _chunks(kept: Vault, place: str) -> list[Path]:
    return sorted((kept.folder / place).glob("*.chunk"))


def _rewrite(kept: Vault, place: str, change: Callable[[dict[str, Any]], None]) -> None:
    """By somebody who has no key: what vouches for it stays as it was."""
    file = kept.folder / place / "manifest.jsonl"
    text, proof = file.read_text().splitlines()
    manifest = json.loads(text)
    change(manifest)
    changed = json.dumps(manifest, sort_keys=True, separators=(",", ":"))
    file.write_text(f"{changed}\n{proof}\n")


def _set_digest(manifest: dict[str, Any], number: int, content: bytes) -> None:
    manifest["chunks"][number]["sha256"] = sha256(content).hexdigest()


CHANGES: list[Change] = [
    left_out,
    the_last_left_out_and_the_manifest_made_to_fit,
    doubled,
    two_exchanged_and_their_checksums_too,
    exchanged_with_another_backup_s,
    the_manifest_of_another_backup,
    all_of_another_backup,
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
async def test_a_piece_that_is_missing_or_another_s_is_found(kept: Vault, change: Change) -> None:
    kept.source.children = [f"{number}\tMia" for number in range(60)]
    written = await kept.archive.write(due())
    other = await kept.archive.write(due(due_at=NIGHT + timedelta(days=1)))
    change(kept, written.place, other.place)
    with pytest.raises(BackupDamaged):
        await kept.archive.verify(written.place)
