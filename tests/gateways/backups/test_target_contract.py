"""What keeps backups, a folder and a bucket alike."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from domain.backup_errors import BackupMisconfigured, BackupMissing, BackupUnavailable
from gateways.sealed_backups import FolderTarget, StorageTarget
from gateways.sealed_backups.target import Target
from tests.gateways.backups import storage_server
from tests.gateways.backups.storage_server import BUCKET, KEY, URL, StorageServer


def bucket(server: StorageServer, key: str = KEY, name: str = BUCKET) -> StorageTarget:
    return StorageTarget(URL, SecretStr(key), name, transport=server.transport())


@pytest.fixture(params=["folder", "bucket", "folder in a bucket"])
async def target(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Target]:
    if request.param == "folder":
        yield FolderTarget(tmp_path)
        return
    inside = "/production" if request.param == "folder in a bucket" else ""
    stored = bucket(StorageServer(), name=BUCKET + inside)
    yield stored
    await stored.aclose()


async def test_what_was_put_is_got_and_the_last_counts(target: Target) -> None:
    await target.put("nightly/one/a", b"first")
    await target.put("nightly/one/a", b"second")
    assert await target.get("nightly/one/a") == b"second"


async def test_the_names_directly_in_a_folder_are_listed(target: Target) -> None:
    assert await target.children("") == ()
    for path in ("nightly/one/b", "nightly/one/a", "nightly/two/a", "hourly/one/a"):
        await target.put(path, b".")
    assert await target.children("") == ("hourly", "nightly")
    assert await target.children("nightly") == ("one", "two")
    assert await target.children("nightly/one") == ("a", "b")
    assert await target.children("weekly") == ()


async def test_what_is_deleted_is_gone_and_what_is_not_there_is_no_matter(target: Target) -> None:
    await target.put("nightly/one/a", b".")
    for _ in range(2):
        await target.delete(("nightly/one/a", "nightly/one/b"))
    assert await target.children("nightly/one") == ()
    with pytest.raises(BackupMissing):
        await target.get("nightly/one/a")


async def test_a_folder_that_is_missing_is_an_error_and_not_empty(tmp_path: Path) -> None:
    gone = FolderTarget(tmp_path / "unmounted")
    with pytest.raises(BackupMisconfigured):
        await gone.children("")
    with pytest.raises(BackupMisconfigured):
        await gone.put("nightly/one/a", b".")
    assert not (tmp_path / "unmounted").exists()


async def test_only_its_owner_may_read_what_a_folder_keeps(tmp_path: Path) -> None:
    await FolderTarget(tmp_path).put("nightly/one/a", b".")
    kept = tmp_path / "nightly" / "one" / "a"
    assert kept.stat().st_mode & 0o077 == 0
    assert kept.parent.stat().st_mode & 0o077 == 0


async def test_a_bucket_is_listed_over_many_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    server = StorageServer({f"nightly/{number:04}/a": b"." for number in range(7)})
    monkeypatch.setattr("gateways.sealed_backups.supabase_storage.PAGE", 3)
    monkeypatch.setattr(storage_server, "MOST", 3)
    assert len(await bucket(server).children("nightly")) == 7


@pytest.mark.parametrize(
    ("opened", "error"),
    [
        (lambda: bucket(StorageServer(), key="sb_secret_other"), BackupMisconfigured),
        (lambda: bucket(StorageServer(), name="nobodys"), BackupMissing),
        (lambda: bucket(StorageServer(status=503)), BackupUnavailable),
        (lambda: bucket(StorageServer(status=429)), BackupUnavailable),
        (lambda: StorageTarget("http://127.0.0.1:1", SecretStr(KEY), BUCKET), BackupUnavailable),
    ],
    ids=["another key", "no such bucket", "down", "too many requests", "nobody there"],
)
async def test_a_bucket_that_cannot_be_listed_is_an_error_that_quotes_nothing(
    opened: Callable[[], StorageTarget], error: type[Exception]
) -> None:
    with pytest.raises(error) as caught:
        await opened().children("")
    assert KEY not in str(caught.value)
    assert caught.value.__cause__ is None
