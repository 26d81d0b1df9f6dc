"""A worker of the tests' job, as a process: `python -m tests.schedules.worker ADDRESS NAME AHEAD`.

AHEAD is by how many seconds its clock is ahead of the machine's.
"""

import asyncio
import sys
from datetime import UTC, datetime, timedelta

from temporalio.client import Client

from gateways.payload_codec import data_converter
from tests.schedules.tally import Tallying, tally_worker


class Ahead:
    """A clock that is wrong by so much."""

    def __init__(self, by: timedelta) -> None:
        self._by = by

    def now(self) -> datetime:
        return datetime.now(UTC) + self._by

    def ahead_of_host(self) -> timedelta:
        return self._by


async def serve(address: str, name: str, ahead: timedelta) -> None:
    """Until it is killed."""
    client = await Client.connect(address, data_converter=data_converter(), identity=name)
    async with tally_worker(client, Tallying(name, Ahead(ahead))):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], sys.argv[2], timedelta(seconds=float(sys.argv[3]))))
