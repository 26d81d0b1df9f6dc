"""The command that brings the database and Temporal up to the release."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from psycopg.conninfo import conninfo_to_dict

from console.doors import Doors, doors_of
from console.finishing import refuse_older_workers
from console.namespace import register_search_attributes
from console.output import AsJson, print_json, say
from console.running import run
from console.schedules.applying import Applied, apply_schedules
from console.schedules.declared import declared_jobs
from console.schedules.linting import check_times
from console.schedules.planning import NewerSchedules
from console.schedules.words import applied_in_words
from domain.errors import OutsideError
from gateways.migration_files import Migration, MigrationError, read_migrations
from gateways.postgres_migrations import Schema, apply_migrations, finish_migrations
from settings import DeploySettings, SettingsError

MIGRATIONS = Path(__file__).parent.parent / "supabase" / "migrations"


Finish = Annotated[
    bool,
    typer.Option(
        "--finish", help="Take away what only the release before used, once none of it runs."
    ),
]
Yes = Annotated[
    bool, typer.Option("--yes", help="I know that no program of the release before runs.")
]


def deploy(
    context: typer.Context, finish: Finish = False, yes: Yes = False, as_json: AsJson = False
) -> None:
    """Apply migrations, Temporal's search attributes and the schedules of recurring jobs.

    Run it once per release, before the programs start. What is there already
    is left alone, so it may be repeated; and so are the schedules of a newer
    release. Programs at work are not blocked: rather than that it gives up.
    Needs only DATABASE_URL, TEMPORAL_* and BUSINESS_TIME_ZONE.

    With --finish, once no program of the release before runs: the migrations
    that take away what only that one used.

    Examples:
      python starter.py deploy
      python starter.py deploy --finish
    """
    doors = doors_of(context)
    run(_finish(doors, yes, as_json) if finish else _deploy(doors, yes, as_json))


async def _deploy(doors: Doors, yes: bool, as_json: bool) -> None:
    jobs = declared_jobs()
    check_times(jobs)
    url = _database_url()
    schema = _migrated(lambda: apply_migrations(url, MIGRATIONS, unused=yes))
    if not as_json:
        say(_done("Migrations applied", schema.applied))
        if schema.waiting:
            say(f"Waiting for deploy --finish: {', '.join(schema.waiting)}.")
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
        done = {**_as_json(schema), "search_attributes_added": attributes}
        print_json({**done, "schedules": schedules, "schedules_left": left})
    else:
        say(left or applied_in_words(schedules), style="yellow" if left else "")


async def _finish(doors: Doors, yes: bool, as_json: bool) -> None:
    url = _database_url()
    if not yes:
        await refuse_older_workers(await doors.temporal())
    schema = _migrated(lambda: finish_migrations(url, MIGRATIONS))
    if as_json:
        print_json(_as_json(schema))
        return
    say(_done("Migrations applied", schema.applied))
    if schema.waiting:
        say(f"Left, because others go before: {', '.join(schema.waiting)}. Run deploy first.")


def released_migrations() -> dict[str, Migration]:
    """The migrations that come with this release, by their versions."""
    return {each.version: each for each in read_migrations(MIGRATIONS)}


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


def _migrated(bring: Callable[[], Schema]) -> Schema:
    try:
        return bring()
    except MigrationError as refused:
        raise OutsideError(str(refused)) from refused
    except psycopg.Error as refused:
        raise OutsideError(
            f"The database of DATABASE_URL refused the migrations ({type(refused).__name__}). "
            "Does its user own the schema?"
        ) from refused


def _as_json(schema: Schema) -> dict[str, object]:
    return {"migrations_applied": schema.applied, "migrations_waiting": schema.waiting}


def _done(what: str, names: Sequence[str]) -> str:
    return f"{what}: {', '.join(names)}." if names else f"{what}: none, all were there."
