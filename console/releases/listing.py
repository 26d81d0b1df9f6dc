"""The builds of our worker deployment, and whose workers are there."""

from temporalio.client import Client

from console.output import print_table, say, utc
from console.releases.deployed import UNVERSIONED, answering, look_at_deployment
from console.releases.promoting import unasked, version_of
from console.task_queues import SERVED, look_at_queues
from domain.frozen import Frozen, Instant


class ListedBuild(Frozen):
    """One build whose workers asked for work once."""

    build: str
    state: str
    current_at: Instant | None
    unasked: tuple[str, ...]
    """What none of its workers asks for now, as `letters (activities)`."""


class Listed(Frozen):
    """All of them, and this code's own."""

    deployment: str
    own_build: str
    current: str
    """Which gets the work: a build, or UNVERSIONED."""
    settled: bool
    """Whether every task queue has heard of the last change."""
    builds: tuple[ListedBuild, ...]


async def list_builds(client: Client, deployment: str, own_build: str) -> Listed:
    """What Temporal knows of the deployment, and who asks the task queues.

    Raises:
        WorkflowsUnreachable: Temporal refused or did not answer.
    """
    deployed = await look_at_deployment(client, deployment)
    with answering(client):
        states = await look_at_queues(client)
    return Listed(
        deployment=deployment,
        own_build=own_build,
        current=deployed.current,
        settled=deployed.settled,
        builds=tuple(
            ListedBuild(
                build=each.build,
                state=each.state,
                current_at=each.current_at,
                unasked=tuple(unasked(states, version_of(deployment, each.build))),
            )
            for each in deployed.versions
        ),
    )


def print_builds(listed: Listed) -> None:
    """One line a build, and in words where the work goes."""
    if listed.builds:
        print_table(
            ["Build", "State", "Last promoted", "Its workers do not ask for"],
            [
                [
                    each.build,
                    each.state,
                    utc(each.current_at) if each.current_at else "never",
                    _missing(each),
                ]
                for each in listed.builds
            ],
        )
    else:
        say(f"No worker of {listed.deployment} ever asked for work.")
    whose = "workers without version" if listed.current == UNVERSIONED else listed.current
    say(f"The work goes to {whose}. This code is build {listed.own_build}.")
    if not listed.settled:
        say("Not every task queue has heard of the last change yet.", style="yellow")


def _missing(each: ListedBuild) -> str:
    return "anything" if len(each.unasked) == len(SERVED) else ", ".join(each.unasked)
