"""The commands on releases: which build's workers get the work, and what it would break."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from console.doors import Doors, doors_of
from console.output import AsJson, complain, print_json, say
from console.releases.deployed import UNVERSIONED, look_at_deployment
from console.releases.listing import list_builds, print_builds
from console.releases.promoting import Promoted, promote_build, to_go_back_to
from console.releases.replaying import LiveReplay, Replayed, usual_query
from console.running import FAILED, run
from release import Release
from settings import SettingsError

Wait = Annotated[
    int, typer.Option(min=0, max=3600, help="Seconds that its workers may still be starting.")
]

commands = typer.Typer(
    help="""Say which release's workers get the work, and see what a release would break.

Workers that were started with WORKER_DEPLOYMENT get nothing before their build
is promoted; from then on they get all: what is new, and each sleeping run with
its next task. A build is a hash of its sources, or WORKER_BUILD_ID.

Examples:
  python starter.py release list
  python starter.py release promote --wait 60
  python starter.py release back
  python starter.py release replay
""",
    no_args_is_help=True,
)


@commands.command(name="list")
def list_all(context: typer.Context, as_json: AsJson = False) -> None:
    """List the builds whose workers asked for work, and which of them gets it.

    Needs only TEMPORAL_* and WORKER_DEPLOYMENT, and changes nothing.

    Examples:
      python starter.py release list
      python starter.py release list --json
    """
    run(_list(doors_of(context), as_json))


async def _list(doors: Doors, as_json: bool) -> None:
    release, deployment = _ours()
    listed = await list_builds(await doors.temporal(), deployment, release.build)
    if as_json:
        print_json(listed)
    else:
        print_builds(listed)


@commands.command()
def promote(
    context: typer.Context,
    build: Annotated[
        str | None,
        typer.Argument(help=f"This code's own where none is named; or {UNVERSIONED}."),
    ] = None,
    wait: Wait = 0,
    as_json: AsJson = False,
) -> None:
    """Give the work to the workers of a build.

    Refused while they do not ask every task queue. Once it is done the other
    workers get nothing more, and may be ended. It may be repeated.
    Needs only TEMPORAL_* and WORKER_DEPLOYMENT.

    Examples:
      python starter.py release promote --wait 60
      python starter.py release promote 3f9c2a61d07be845
      python starter.py release promote unversioned
    """
    run(_promote(doors_of(context), build, wait, as_json))


async def _promote(doors: Doors, build: str | None, wait: int, as_json: bool) -> None:
    release, deployment = _ours()
    client = await doors.temporal()
    _tell(
        await promote_build(client, deployment, build or release.build, timedelta(seconds=wait)),
        as_json,
    )


@commands.command()
def back(context: typer.Context, wait: Wait = 0, as_json: AsJson = False) -> None:
    """Give the work back to the build that had it before. Done twice, it goes forward again.

    Its workers must run. Runs that have passed a change which that build does
    not know wait until it is promoted again: with the old code,
    "release replay" names them.

    Example:
      python starter.py release back
    """
    run(_back(doors_of(context), wait, as_json))


async def _back(doors: Doors, wait: int, as_json: bool) -> None:
    _, deployment = _ours()
    client = await doors.temporal()
    before = to_go_back_to(await look_at_deployment(client, deployment))
    _tell(await promote_build(client, deployment, before, timedelta(seconds=wait)), as_json)


def _tell(promoted: Promoted, as_json: bool) -> None:
    if as_json:
        print_json(promoted)
    elif promoted.before == promoted.current:
        say(f"The work of {promoted.deployment} goes to {promoted.current}, as it did.")
    else:
        say(f"The work of {promoted.deployment} went to {promoted.before}.")
        say(f"It goes to {promoted.current} now.", style="green")


@commands.command()
def replay(
    context: typer.Context,
    query: Annotated[
        str | None,
        typer.Option(help="Which runs, as Temporal's visibility takes it; see above."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="Of runs, at most.")] = 1_000,
    as_json: AsJson = False,
) -> None:
    """Replay the histories of live runs under this code: would it break any of them?

    Without a query all of our runs that are open, or closed within a day. Exit
    code 1 where one is broken. Run it with a release's code before its workers
    start, each night, and with the old code before going back.
    Needs only TEMPORAL_* and PAYLOAD_KEYS, and changes nothing.

    Examples:
      python starter.py release replay
      python starter.py release replay --query "ExecutionStatus = 'Running'" --limit 50000
    """
    run(_replay(doors_of(context), query, limit, as_json))


async def _replay(doors: Doors, query: str | None, limit: int, as_json: bool) -> None:
    client = await doors.temporal()
    wanted = query or usual_query(datetime.now(UTC))
    found = await LiveReplay(client, wanted, limit, _progress).run()
    if as_json:
        print_json(found)
    else:
        _report(found)
    if found.broken:
        raise typer.Exit(FAILED)


def _report(found: Replayed) -> None:
    for each in found.broken:
        say(f"{each.workflow_id} (run {each.run_id}): {each.reason}", style="red")
    if found.left:
        say(f"About {found.left} more were not looked at; --limit takes more.", style="yellow")
    say(
        f"{found.replayed} replayed, {len(found.broken)} broken.",
        style="red" if found.broken else "green",
    )
    if found.broken:
        complain(
            "This code cannot go on with the runs above: do not promote it, nor start its workers. "
            "What to do: docs/changing-workflows.md."
        )


def _progress(replayed: int, broken: int) -> None:
    typer.echo(f"{replayed} replayed, {broken} broken ...", err=True)


def _ours() -> tuple[Release, str]:
    """This code, and the name of our deployment.

    Raises:
        SettingsError: there is none.
    """
    release = Release.here()
    if release.deployment is None:
        raise SettingsError(
            "WORKER_DEPLOYMENT is missing: name of the worker deployment in Temporal. Where the "
            "workers have none either, any of them gets any work and nothing is promoted."
        )
    return release, release.deployment
