"""A backup is found whole, or it is found out."""

import pytest
from pydantic import SecretStr

from domain.backup_errors import (
    BackupDamaged,
    BackupError,
    BackupKeyUnknown,
    BackupMisconfigured,
    BackupMissing,
    BackupsNotConfigured,
    BackupUnavailable,
)
from domain.backups import StoredBackup
from gateways.sealed_backups import BackupKeys, SealedBackups
from tests.backups import MARK, NEW, NIGHT, OLD, FewRows, Vault, backup_keys, due, vault
from tests.mandates import seed

MANY = FewRows(children=[f"{number}\t{MARK} {number}" for number in range(60)])


async def verified(kept: Vault) -> list[bool]:
    return [one.verified for one in await kept.archive.stored()]


async def test_what_is_written_is_read_back_and_then_marked(kept: Vault) -> None:
    written = await kept.archive.write(due())
    assert await verified(kept) == [False]

    assert await kept.archive.verify(written.place) == written
    assert await kept.archive.stored() == (
        StoredBackup(
            place=written.place, schedule="nightly", due_at=NIGHT, complete=True, verified=True
        ),
    )
    assert (written.rows, written.taken_at, written.key_name) == (4, NIGHT, "new")
    assert written.chunks > 1
    sizes = [len(one) for name, one in kept.files().items() if name.endswith(".chunk")]
    assert sum(sizes) == written.size_bytes


async def test_a_database_without_rows_is_a_backup_too(kept: Vault) -> None:
    kept.source.children = ()
    written = await kept.archive.write(due())
    assert (written.rows, written.chunks) == (0, 1)
    assert await kept.archive.verify(written.place) == written


async def test_nothing_that_is_kept_shows_a_row_or_a_key(kept: Vault) -> None:
    written = await kept.archive.write(due())
    await kept.archive.verify(written.place)
    for content in kept.files().values():
        assert MARK.encode() not in content
        assert seed(22).encode() not in content
    assert not [name for name in kept.files() if MARK in name]


async def test_two_backups_of_the_same_rows_have_not_a_chunk_in_common(kept: Vault) -> None:
    for _ in range(2):
        await kept.archive.write(due())
    chunks = [content for name, content in kept.files().items() if name.endswith(".chunk")]
    assert len(set(chunks)) == len(chunks)


async def test_a_byte_that_is_flipped_anywhere_is_found(kept: Vault) -> None:
    written = await kept.archive.write(due())
    await kept.archive.verify(written.place)
    for name, content in kept.files().items():
        if name.endswith("/verified"):
            continue
        for at in {*range(0, len(content), 29), len(content) // 2, len(content) - 1}:
            flipped = bytearray(content)
            flipped[at] ^= 1
            (kept.folder / name).write_bytes(flipped)
            with pytest.raises((BackupDamaged, BackupKeyUnknown)):
                await kept.archive.verify(written.place)
        (kept.folder / name).write_bytes(content)
    assert await kept.archive.verify(written.place) == written


async def test_a_backup_that_is_found_damaged_no_longer_counts_as_verified(kept: Vault) -> None:
    written = await kept.archive.write(due())
    await kept.archive.verify(written.place)
    chunk = next(kept.folder.rglob("*.chunk"))
    chunk.write_bytes(chunk.read_bytes()[:-1])
    with pytest.raises(BackupDamaged):
        await kept.archive.verify(written.place)
    assert await verified(kept) == [False]


async def test_a_rotated_key_still_opens_and_the_new_one_closes(kept: Vault) -> None:
    before = vault(kept.folder, keys=backup_keys(OLD))
    written = await before.archive.write(due())
    after = vault(kept.folder, keys=backup_keys(NEW, OLD))
    assert (await after.archive.verify(written.place)).key_name == "old"
    assert (await after.archive.write(due())).key_name == "new"


async def test_without_its_key_the_key_is_named_and_under_a_wrong_one_it_does_not_open(
    kept: Vault,
) -> None:
    written = await vault(kept.folder, keys=backup_keys(OLD)).archive.write(due())
    with pytest.raises(BackupKeyUnknown, match="named old is not among"):
        await kept.archive.verify(written.place)
    wrong = vault(kept.folder, keys=backup_keys(f"old:{seed(23)}"))
    with pytest.raises(BackupDamaged, match="another key was given under the name old"):
        await wrong.archive.verify(written.place)


@pytest.mark.parametrize("keys", ["", "new", "new:short", f"new:{seed(22)}AAAA", f"{NEW},"])
def test_keys_that_are_none_are_refused_without_being_quoted(keys: str) -> None:
    with pytest.raises(ValueError, match="NAME:KEY") as refused:
        BackupKeys(SecretStr(keys))
    assert seed(22) not in str(refused.value)


async def test_a_backup_that_broke_off_is_none_and_the_next_attempt_is_another(
    kept: Vault,
) -> None:
    kept.source.children = MANY.children
    kept.source.failure, kept.source.fails_after = BackupUnavailable("cut off"), 40
    with pytest.raises(BackupUnavailable, match="cut off"):
        await kept.archive.write(due())
    (broken,) = await kept.archive.stored()
    assert (broken.complete, broken.verified) == (False, False)
    with pytest.raises(BackupMissing):
        await kept.archive.verify(broken.place)

    kept.source.failure = None
    written = await kept.archive.write(due())
    assert written.place != broken.place
    assert await kept.archive.verify(written.place) == written


async def test_a_target_that_fails_for_good_leaves_no_backup(kept: Vault) -> None:
    kept.target.script.fail_next("put", BackupUnavailable("no room"), times=4)
    with pytest.raises(BackupUnavailable, match="no room"):
        await kept.archive.write(due())
    assert await kept.archive.stored() == ()


async def test_a_request_that_fails_is_tried_again_and_no_row_is_read_twice(kept: Vault) -> None:
    kept.target.script.fail_next("put", BackupUnavailable("busy"), times=3)
    written = await kept.archive.write(due())
    kept.target.script.fail_next("put", BackupUnavailable("lost the answer"), after_commit=True)
    assert await kept.archive.verify(written.place) == written
    assert kept.source.snapshots == 1


async def test_what_an_operator_has_to_mend_is_not_tried_again(kept: Vault) -> None:
    kept.target.script.fail_next("put", BackupMisconfigured("read-only"))
    with pytest.raises(BackupMisconfigured):
        await kept.archive.write(due())
    assert len(kept.target.asked) == 1


async def test_reading_back_goes_on_where_it_was(kept: Vault) -> None:
    written = await kept.archive.write(due())
    kept.target.asked.clear()
    seen: list[int] = []
    await kept.archive.verify(written.place, written.chunks - 1, seen.append)
    assert seen == [written.chunks]
    assert len([path for _, path in kept.target.asked if path.endswith(".chunk")]) == 1


async def test_what_is_removed_is_gone_and_the_mark_goes_first(kept: Vault) -> None:
    written = await kept.archive.write(due())
    await kept.archive.verify(written.place)
    kept.target.asked.clear()
    for _ in range(2):
        await kept.archive.remove(written.place)
    assert kept.files() == {}
    assert await kept.archive.stored() == ()
    deleted = [paths for what, paths in kept.target.asked if what == "delete"]
    assert deleted[0] == f"{written.place}/verified {written.place}/manifest.jsonl"


@pytest.mark.parametrize("failing", ["", "nightly"])
async def test_a_listing_that_fails_anywhere_is_no_listing(kept: Vault, failing: str) -> None:
    await kept.archive.write(due())
    kept.target.script.fail_next("children", BackupUnavailable("timeout"))
    if failing:
        kept.target.script.clear()
        kept.target.script.fail_next("get", BackupUnavailable("timeout"))
    with pytest.raises(BackupUnavailable):
        await kept.archive.stored()


async def test_what_is_not_ours_is_neither_listed_nor_touched(kept: Vault) -> None:
    for path in ("notes.txt", "nightly/readme", "Nightly/20261201T030000Z-3f9a1c2e/a"):
        await kept.target.within.put(path, b".")
    assert await kept.archive.stored() == ()
    for place in ("nightly", "../etc", "nightly/../..", "nightly/20261201T030000Z-3f9a1c2e/a"):
        with pytest.raises(BackupMissing):
            await kept.archive.remove(place)
        with pytest.raises(BackupMissing):
            await kept.archive.verify(place)
    assert len(kept.files()) == 3


async def test_without_keys_they_can_be_listed_and_removed_and_nothing_else(kept: Vault) -> None:
    written = await kept.archive.write(due())
    keyless = SealedBackups(kept.target)
    assert len(await keyless.stored()) == 1
    refused: list[BackupError] = []
    for asking in (keyless.verify(written.place), keyless.write(due()), keyless.check()):
        with pytest.raises(BackupsNotConfigured) as caught:
            await asking
        refused.append(caught.value)
    await keyless.remove(written.place)
    assert kept.files() == {}
