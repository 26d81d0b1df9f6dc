"""The copies of wishes to be erased, beside the backups."""

from datetime import timedelta
from uuid import uuid4

import pytest
from pydantic import SecretStr

from domain.backup_errors import BackupDamaged, BackupKeyUnknown
from domain.erasures import Erasure
from gateways.sealed_backups import SealedBackups
from tests.backups import NEW, NIGHT, OLD, Vault, backup_keys, due

NOWHERE = SecretStr("postgresql://postgres:marked@127.0.0.1:1/postgres")


def wish() -> Erasure:
    return Erasure(user_id=uuid4(), asked_at=NIGHT, due_at=NIGHT + timedelta(days=30))


async def test_of_each_account_the_last_copy_is_kept_and_no_backup_is_made_of_it(
    kept: Vault,
) -> None:
    one, other = wish(), wish()
    for erasure in (one, other, one.model_copy(update={"withdrawn_at": NIGHT})):
        await kept.archive.log_erasure(erasure)

    logged = {erasure.user_id: erasure for erasure in await kept.archive.logged_erasures()}

    assert set(logged) == {one.user_id, other.user_id}
    assert logged[one.user_id].withdrawn_at == NIGHT
    assert logged[other.user_id] == other
    assert await kept.archive.stored() == ()
    written = await kept.archive.write(due())
    assert [backup.place for backup in await kept.archive.stored()] == [written.place]


async def test_a_copy_is_read_with_the_key_of_its_time(kept: Vault) -> None:
    await kept.archive.log_erasure(wish())

    later = SealedBackups(kept.target, backup_keys(OLD, NEW))
    assert len(await later.logged_erasures()) == 1
    with pytest.raises(BackupKeyUnknown, match="named new"):
        await SealedBackups(kept.target, backup_keys(OLD)).logged_erasures()


async def test_a_copy_that_nobody_vouches_for_is_an_error(kept: Vault) -> None:
    one = wish()
    await kept.archive.log_erasure(one)
    (file,) = kept.folder.rglob("*.jsonl")
    whole = file.read_bytes()
    for altered in (
        whole.replace(b"2026-12-01", b"2026-12-02", 1),
        whole.partition(b"\n")[0],
        b"",
        whole.replace(b'"format":1', b'"format":2'),
    ):
        file.write_bytes(altered)
        with pytest.raises(BackupDamaged):
            await kept.archive.logged_erasures()
    file.unlink()
    file.with_name(f"{uuid4()}.jsonl").write_bytes(whole)
    with pytest.raises(BackupDamaged, match="another account"):
        await kept.archive.logged_erasures()


async def test_a_damaged_copy_keeps_a_backup_from_being_put_back(kept: Vault) -> None:
    written = await kept.archive.write(due())
    await kept.archive.log_erasure(wish())
    (file,) = kept.folder.rglob("_erasures/*.jsonl")
    file.write_bytes(b"{}")

    with pytest.raises(BackupDamaged, match="_erasures"):
        await kept.archive.restore(written.place, NOWHERE)
