"""The command that brings the database and Temporal up to the release."""

from pathlib import Path

import psycopg
import typer
from psycopg.conninfo import conninfo_to_dict

from console.doors import Doors, doors_of
from console.namespace import register_search_attributes
from console.output import AsJson, print_json, say
from console.running import run
from console.schedules.applying import Applied, apply_schedules
from console.schedules.declared import declared_jobs
from console.schedules.linting import check_times
from console.schedules.planning import NewerSchedules
from console.schedules.words import applied_in_words
from domain.errors import OutsideError
from gateways.postgres_migrations import MigrationError, apply_migrations, read_migrations
from settings import DeploySettings, SettingsError

MIGRATIONS = Path(__file__).parent.parent / "supabase" / "migrations"


def deploy(context: typer.Context, as_json: AsJson = False) -> None:
    """Apply migrations, Temporal's search attributes and the schedules of recurring jobs.

    Run it once per release, before the programs start. What is there already
    is left alone, so it may be repeated; and so are the schedules of a newer
    release. Needs only DATABASE_URL, TEMPORAL_* and BUSINESS_TIME_ZONE.

    Example:
      python starter.py deploy
    """
    run(_deploy(doors_of(context), as_json))


async def _deploy(doors: Doors, as_json: bool) -> None:
    jobs = declared_jobs()
    check_times(jobs)
    migrations = _migrate(_database_url())
    if not as_json:
        say(_done("Migrations applied", migrations))
    temporal = await doors.temporal()
    attributes = await register_search_attributes(temporal)
    if not as_json:
        say(_done("Search attributes added", attributes))
    schedules: list[Applied] = []
    left: str | None = None
    try:
        schedules = await apply_schedules(temporal, jobs)
    except NewerSchedules as newer:
        # No fault: whoever goes back to this release must get its programs started.
        left = str(newer)
    if as_json:
        done = {"migrations_applied": migrations, "search_attributes_added": attributes}
        print_json({**done, "schedules": schedules, "schedules_left": left})
    else:
        say(left or applied_in_words(schedules), style="yellow" if left else "")


def released_migrations() -> dict[str, str]:
    """The migrations that come with this release: the SHA-256 of each file, by its version."""
    return {each.version: each.sha256 for each in read_migrations(MIGRATIONS)}


def _database_url() -> str:
    """The address of the database.

    Raises:
        SettingsError: it is missing or malformed.
    """
    url = DeploySettings.load().database_url.get_secret_value()
    try:
        conninfo_to_dict(url)
    except psycopg.Error:
        # Not chained: libpq's message quotes the password.
        raise SettingsError(
            "DATABASE_URL is malformed: Postgres itself, as postgresql://user:password@host/name."
        ) from None
    return url


def _migrate(database_url: str) -> list[str]:
    try:
        return list(apply_migrations(database_url, MIGRATIONS))
    except MigrationError as refused:
        raise OutsideError(str(refused)) from refused
    except psycopg.Error as refused:
        raise OutsideError(
            f"The database of DATABASE_URL refused the migrations ({type(refused).__name__}). "
            "Does its user own the schema?"
        ) from refused


def _done(what: str, names: list[str]) -> str:
    return f"{what}: {', '.join(names)}." if names else f"{what}: none, all were there."
