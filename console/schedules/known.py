"""The schedules as Temporal has them."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta

from temporalio.api.common.v1 import Payload
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleDescription,
)
from temporalio.service import RPCError, RPCStatusCode

from console import answering as console_answering
from domain.errors import OutsideError
from workflows.recurring import MARK

ANSWER_WITHIN = timedelta(seconds=10)


class NoSuchSchedule(OutsideError):
    """The namespace has none of that name."""


@dataclass(frozen=True)
class Known:
    """One schedule of the namespace."""

    described: ScheduleDescription
    version: int | None
    """Of the table that it was applied from; None where it bears no mark of ours."""

    @property
    def id(self) -> str:
        """Its name."""
        return self.described.id

    @property
    def schedule(self) -> Schedule:
        """What it is."""
        return self.described.schedule

    @property
    def paused(self) -> bool:
        """Whether it begins nothing by itself."""
        return self.schedule.state.paused


async def find(client: Client, name: str) -> Known | None:
    """The schedule of that name; None where there is none. Raises RPCError."""
    try:
        described = await client.get_schedule_handle(name).describe(rpc_timeout=ANSWER_WITHIN)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise
    return Known(described, _version(described.schedule))


async def needed(client: Client, name: str) -> Known:
    """The schedule of that name. Raises RPCError, NoSuchSchedule."""
    known = await find(client, name)
    if known is None:
        raise NoSuchSchedule(
            f"Temporal has no schedule {name}. What there is: python starter.py schedules list. "
            "What is declared comes with: python starter.py schedules apply"
        )
    return known


async def find_all(client: Client, declared: Iterable[str]) -> dict[str, Known]:
    """Every schedule of the namespace, by its name, in the order of names. Raises RPCError.

    Temporal's own list lags behind: those that are declared are asked for whatever it says.
    """
    listed = [entry.id async for entry in await client.list_schedules()]
    found = [await find(client, name) for name in sorted({*listed, *declared})]
    return {known.id: known for known in found if known is not None}


def answering(client: Client) -> AbstractContextManager[None]:
    """As `console.answering`, of schedules."""
    return console_answering.answering(client, "the schedules")


def _version(schedule: Schedule) -> int | None:
    action = schedule.action
    memo = action.memo if isinstance(action, ScheduleActionStartWorkflow) else None
    mark = memo.get(MARK) if memo else None
    try:
        return int(mark.data) if isinstance(mark, Payload) else None
    except ValueError:
        return None
