"""What a backup and a restore refuse; that they hold is shown where a service is lost."""

import fcntl
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox.backup import MANIFEST, Copy, Manifest, back_up, digest, is_running
from sandbox.complaint import SandboxError
from sandbox.environment import write
from sandbox.restore import restore

NOW = datetime(2026, 12, 1, 14, tzinfo=UTC)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The folder of a sandbox that ran once."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "lock").touch()
    write(folder, {"DATABASE_URL": "postgresql://postgres@127.0.0.1:1/postgres"})
    return folder


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """A backup as far as its manifest: enough to be refused."""
    folder = tmp_path / "backup"
    (folder / "postgres").mkdir(parents=True)
    for name, text in (
        ("temporal.db", "histories"),
        ("keys.json", "{}"),
        ("postgres/PG_VERSION", "18"),
    ):
        (folder / name).write_text(text)
    version = folder / "postgres/PG_VERSION"
    (folder / "postgres/backup_manifest").write_text(
        f'{{"Files": [{{"Path": "PG_VERSION", "Checksum": "{digest(version)}"}}]}}'
    )

    def copy(name: str) -> Copy:
        return Copy(began_at=NOW, ended_at=NOW, version="1", sha256=digest(folder / name))

    manifest = Manifest(
        taken_at=NOW,
        temporal=copy("temporal.db"),
        postgres=copy("postgres/backup_manifest"),
        keys_sha256=digest(folder / "keys.json"),
    )
    (folder / MANIFEST).write_text(manifest.model_dump_json())
    return folder


def test_only_a_running_sandbox_is_backed_up(data: Path, tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="No sandbox runs"):
        back_up(data, tmp_path / "to")
    with pytest.raises(SandboxError, match="Start the sandbox first"):
        back_up(tmp_path / "never", tmp_path / "to")
    assert not (tmp_path / "to").exists()


def test_a_backup_overwrites_nothing(data: Path, backup: Path) -> None:
    with (data / "lock").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert is_running(data)
        with pytest.raises(SandboxError, match="not empty"):
            back_up(data, backup)


def test_a_copy_that_fails_leaves_nothing_behind(data: Path, tmp_path: Path) -> None:
    with (data / "lock").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(SandboxError, match="without Temporal"):
            back_up(data, tmp_path / "to")
    assert [entry.name for entry in tmp_path.iterdir()] == ["data"]


def test_a_restore_overwrites_nothing(data: Path, backup: Path) -> None:
    (data / "postgres").mkdir()
    with pytest.raises(SandboxError, match="nothing is overwritten"):
        restore(data, backup)
    (data / "postgres").rmdir()
    with (data / "lock").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(SandboxError, match="A sandbox runs"):
            restore(data, backup)


@pytest.mark.parametrize(
    "part", ["temporal.db", "keys.json", "postgres/PG_VERSION", "postgres/backup_manifest"]
)
def test_a_damaged_backup_is_refused_before_anything_is_put_back(
    tmp_path: Path, backup: Path, part: str
) -> None:
    (backup / part).write_text("something else")
    with pytest.raises(SandboxError, match="damaged"):
        restore(tmp_path / "new", backup)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("text", [None, "{}", "not json"])
def test_a_folder_without_a_manifest_is_no_backup(
    tmp_path: Path, backup: Path, text: str | None
) -> None:
    (backup / MANIFEST).unlink()
    if text is not None:
        (backup / MANIFEST).write_text(text)
    with pytest.raises(SandboxError, match="holds no backup"):
        restore(tmp_path / "new", backup)
