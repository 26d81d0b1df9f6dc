"""A backup put back: the service's own two memories, with bookings paused.

What happened since at Bookeo, at Stripe, in the parents' mail and at the issuer of tokens cannot be
put back, and is not touched.
"""

import json
import shutil
from datetime import datetime
from pathlib import Path

import psycopg

from sandbox.backup import (
    KEYS_FILE,
    POSTGRES_FOLDER,
    POSTGRES_MANIFEST,
    TEMPORAL_FILE,
    Manifest,
    digest,
    is_running,
)
from sandbox.complaint import SandboxError
from sandbox.environment import everybodys
from sandbox.keys import Keys
from sandbox.ports import assign
from sandbox.postgres.cluster import Cluster
from sandbox.postgres.unprivileged import give
from sandbox.private import private_folder, write_private
from sandbox.program import Child
from sandbox.programs import PORTS

BECAUSE = "restored from a backup: run `python starter.py restored`"


def restore(data: Path, folder: Path) -> Manifest:
    """Put the backup into `data`, which must hold neither memory, and mark the database.

    Bookings are paused there since the backup's instant is known: `python starter.py restored`
    looks for what happened meanwhile, and lets them run again.

    Raises:
        SandboxError: a sandbox runs there, it has data already, or the backup is damaged.
    """
    data, folder = data.resolve(), folder.resolve()
    manifest = Manifest.read(folder)
    _refuse_to_overwrite(data)
    _check(folder, manifest)
    private_folder(data)
    try:
        keys = _keys(data, folder)
        _place_temporal(folder / TEMPORAL_FILE, data)
        _place_postgres(folder / POSTGRES_FOLDER, data / "postgres")
        _mark(data, keys, manifest.taken_at)
    except OSError as failure:
        _take_away(data)
        raise SandboxError(f"The backup could not be put back: {failure}") from failure
    except BaseException:
        _take_away(data)
        raise
    return manifest


def _take_away(data: Path) -> None:
    """Half of it, or a database that is not marked, must not be started by anyone."""
    for half in ("postgres", "temporal"):
        shutil.rmtree(data / half, ignore_errors=True)


def _refuse_to_overwrite(data: Path) -> None:
    if is_running(data):
        raise SandboxError(f"A sandbox runs in {data}. End it first.")
    in_the_way = [data / name for name in ("postgres", "temporal") if (data / name).exists()]
    if in_the_way:
        raise SandboxError(
            f"{in_the_way[0]} exists, and nothing is overwritten. Choose a new --data, or move "
            "`postgres` and `temporal` away."
        )


def _check(folder: Path, manifest: Manifest) -> None:
    expected = {
        TEMPORAL_FILE: manifest.temporal.sha256,
        POSTGRES_MANIFEST: manifest.postgres.sha256,
        KEYS_FILE: manifest.keys_sha256,
    }
    for name, sha256 in expected.items():
        file = folder / name
        if not file.exists() or digest(file) != sha256:
            raise SandboxError(f"The backup is damaged: {name} is not what its manifest says.")
    # Postgres's own manifest is checked here: the wheel's pg_verifybackup does not run.
    cluster = folder / POSTGRES_FOLDER
    for file in json.loads((folder / POSTGRES_MANIFEST).read_text())["Files"]:
        copied = cluster / file["Path"]
        if not copied.exists() or digest(copied) != file["Checksum"]:
            raise SandboxError(f"The backup is damaged: {copied} is not what was copied.")


def _keys(data: Path, folder: Path) -> Keys:
    """The backup's, where there are none; others would not open the database."""
    own, kept = data / KEYS_FILE, (folder / KEYS_FILE).read_text()
    if not own.exists():
        write_private(own, kept)
    keys = Keys.load(data)
    # Not loaded from there: a backup that lacks a key made up since must stay as it was taken.
    if keys.postgres_superuser != Keys.model_validate_json(kept).postgres_superuser:
        raise SandboxError(
            f"{own} is of another sandbox than the backup, and does not open its database. "
            "Choose a new --data."
        )
    return keys


def _place_temporal(copy: Path, data: Path) -> None:
    file = private_folder(data / "temporal") / TEMPORAL_FILE
    shutil.copyfile(copy, file)
    file.chmod(0o600)


def _place_postgres(copy: Path, cluster: Path) -> None:
    half_made = cluster.with_name(f"{cluster.name}.new")
    shutil.rmtree(half_made, ignore_errors=True)
    shutil.copytree(copy, half_made, symlinks=True)
    for path in (half_made, *half_made.rglob("*")):
        give(path)
    half_made.rename(cluster)


def _mark(data: Path, keys: Keys, taken_at: datetime) -> None:
    """Start the database alone, as far as the note that it is restored."""
    ports = assign(PORTS, data / "ports.json", None)
    cluster = Cluster(data / "postgres", ports["postgres"], keys)
    logs = private_folder(data / "logs")
    server = Child(cluster.program(everybodys()), logs / "postgres.log")
    try:
        server.start()
        with psycopg.connect(cluster.url()) as database:
            database.execute("select public.pause_bookings(%s, %s)", [BECAUSE, taken_at])
    except psycopg.Error as refused:
        raise SandboxError(
            "The restored database did not take the note that bookings are paused "
            f"({type(refused).__name__}). Is the backup of an older release?"
        ) from refused
    finally:
        server.stop()
