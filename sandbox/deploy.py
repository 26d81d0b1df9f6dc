"""The deploy step of the sandbox: what a release does between its databases and its programs."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from sandbox.complaint import SandboxError
from sandbox.environment import of_program
from sandbox.program import ROOT

MIGRATIONS = ROOT / "supabase" / "migrations"
DEPLOY_SECONDS = 120


def deploy(variables: Mapping[str, str]) -> None:
    """Run `python starter.py deploy`: migrations, search attributes and schedules.

    Raises:
        SandboxError: it failed; with what it said.
    """
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, str(ROOT / "starter.py"), "deploy"],
            cwd=ROOT,
            env=of_program("deploy", variables),
            capture_output=True,
            text=True,
            timeout=DEPLOY_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as slow:
        raise SandboxError(f"The deploy step took longer than {DEPLOY_SECONDS} s.") from slow
    if done.returncode != 0:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-12:])
        raise SandboxError(f"The deploy step failed:\n{said}")


def migrate_only(database_url: str, folder: Path = MIGRATIONS) -> None:
    """Apply the migrations alone, for a sandbox without Temporal.

    Raises:
        SandboxError: a migration was refused.
    """
    # psycopg takes a third of a second to load: only where it is needed.
    from gateways.migration_files import MigrationError  # noqa: PLC0415
    from gateways.postgres_migrations import apply_migrations  # noqa: PLC0415

    try:
        apply_migrations(database_url, folder)
    except MigrationError as refused:
        raise SandboxError(str(refused)) from refused
