from collections.abc import AsyncGenerator, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Protocol, TypeVar

import pytest
from temporalio.client import (
    Client,
    CreateScheduleInput,
    Interceptor,
    OutboundInterceptor,
    ScheduleHandle,
)
from temporalio.service import RPCError, RPCStatusCode

from gateways.payload_codec import data_converter
from sandbox.programs import NAMES
from sandbox.up import Stack
from tests.console.command_line import CommandLine, Connect, new_office
from tests.schedules import colours, outages
from tests.schedules.ledger import Ledger, TallyOrder

ONLY_TEMPORAL = set(NAMES) - {"temporal"}

T = TypeVar("T")


class Beside(Protocol):
    """Begins what only takes its time by the clock, where that file of tests asks for it."""

    def __call__(self, file: str, play: Callable[[], T]) -> Future[T]: ...


class Made(Interceptor):
    """Notes which schedules a client makes: Temporal's own list lags behind."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:  # noqa: A002 - the SDK's word
        return _Noting(next, self.names)


class _Noting(OutboundInterceptor):
    def __init__(self, following: OutboundInterceptor, names: set[str]) -> None:
        super().__init__(following)
        self._names = names

    async def create_schedule(self, input: CreateScheduleInput) -> ScheduleHandle:  # noqa: A002 - the SDK's word
        self._names.add(input.id)
        return await super().create_schedule(input)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real Temporal without a worker."""
    with Stack(tmp_path_factory.mktemp("schedules"), without=ONLY_TEMPORAL) as stack:
        yield stack.env["TEMPORAL_ADDRESS"]


@pytest.fixture(scope="session")
def beside(request: pytest.FixtureRequest) -> Iterator[Beside]:
    """What it begins goes on while the other tests run."""
    asked = {item.path.name for item in request.session.items}
    with ThreadPoolExecutor() as pool:

        def begun(file: str, play: Callable[[], T]) -> Future[T]:
            return pool.submit(play) if file in asked else Future()

        yield begun


@pytest.fixture(scope="session", autouse=True)
def short_outage(beside: Beside, tmp_path_factory: pytest.TempPathFactory) -> Future[outages.Story]:
    folder = tmp_path_factory.mktemp("outage")
    return beside("test_temporal_away.py", lambda: outages.played(folder, outages.IN_SHORT))


@pytest.fixture(scope="session", autouse=True)
def blue_and_green(
    beside: Beside, tmp_path_factory: pytest.TempPathFactory
) -> Future[colours.Verdict]:
    folder = tmp_path_factory.mktemp("colours")
    return beside("test_colours.py", lambda: colours.played(folder, colours.IN_SHORT))


@pytest.fixture
def made() -> Made:
    return Made()


@pytest.fixture
def connect(server: str, made: Made) -> Connect:
    """How a client of that Temporal is had."""

    async def connected() -> Client:
        return await Client.connect(server, data_converter=data_converter(), interceptors=[made])

    return connected


@pytest.fixture
async def client(connect: Connect, made: Made) -> AsyncGenerator[Client]:
    """A client of it; the schedules that the test made are gone afterwards."""
    client = await connect()
    yield client
    for name in made.names:
        try:
            await client.get_schedule_handle(name).delete()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise


@pytest.fixture
async def starter(connect: Connect, client: Client) -> CommandLine:
    """The operator's command line over that Temporal."""
    del client  # what it makes is gone afterwards
    return (await new_office(connect)).starter


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger")


@pytest.fixture
def order(tmp_path: Path) -> TallyOrder:
    """One step, into the ledger."""
    return TallyOrder(ledger=str(tmp_path / "ledger"))
