"""The command that erases again."""

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from domain.erasures import Erasure
from tests.backups import NEW, NIGHT, vault
from tests.console.command_line import Office


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKUP_KEYS", NEW)
    monkeypatch.setenv("BACKUP_TARGET", "folder:/backups")


async def test_who_was_erased_is_erased_again_and_strangers_are_no_matter(
    office: Office, tmp_path: Path
) -> None:
    kept = vault(tmp_path)
    office.doors.archive = kept.archive
    wish = Erasure(user_id=office.family.user_id, asked_at=NIGHT, due_at=NIGHT + timedelta(days=30))
    done = {"began_at": NIGHT, "rows_erased_at": NIGHT, "erased_at": NIGHT}
    await kept.archive.log_erasure(wish.model_copy(update=done))
    await kept.archive.log_erasure(wish.model_copy(update={**done, "user_id": uuid4()}))

    said = [await office.starter.json("erasures", "reapply") for _ in range(2)]
    shown = await office.starter.run("erasures", "reapply")

    assert said == [{"known": 2, "here": 1, "erased": 1}] * 2
    assert "1 of them are deleted" in shown.stdout
    assert (await office.records.profile(office.family.user_id)).guardian is None


async def test_a_damaged_copy_is_said(office: Office, tmp_path: Path) -> None:
    kept = vault(tmp_path)
    office.doors.archive = kept.archive
    await kept.archive.log_erasure(
        Erasure(user_id=uuid4(), asked_at=NIGHT, due_at=NIGHT + timedelta(days=30))
    )
    (file,) = tmp_path.rglob("_erasures/*.jsonl")
    file.write_bytes(b"{}")

    result = await office.starter.run("erasures", "reapply")

    assert result.exit_code == 1
    assert "cannot be read" in result.output
