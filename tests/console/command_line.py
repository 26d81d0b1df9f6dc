"""The command line over an outside made of fakes."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from temporalio.client import Client
from typer.testing import CliRunner, Result

from backup_settings import BackupSettings
from connection import Gateways
from console.app import app
from console.doors import Doors
from domain.errors import RecordsUnavailable, WorkflowsUnreachable
from domain.registrations import Registration
from gateways import BackupArchive, BookingProviders, Fields, Mail, Mandates, Payments, Records
from gateways.fakes.booking import FakeBookingProvider
from gateways.fakes.booking_accounts import FakeBookingProviders
from gateways.fakes.mail import FakeMail
from gateways.fakes.payments import FakePayments
from gateways.fakes.records import InMemoryRecords
from gateways.no_backups import NoBackups
from starter import FrontDoor
from tests.field_keys import FIRST, fields
from tests.gateways.households import Household, new_household
from tests.mandates import MANDATES

Connect = Callable[[], Awaitable[Client]]


async def no_temporal() -> Client:
    raise WorkflowsUnreachable("Temporal does not answer at 127.0.0.1:1.")


async def idle_temporal() -> Client:
    """A client that has not connected: enough for whatever is decided before Temporal is asked."""
    return await Client.connect("127.0.0.1:1", lazy=True)


class FakeDoors(Doors):
    """The outside in memory. Opened anew by every command, as the real one is."""

    def __init__(
        self, gateways: Gateways, connect: Connect = no_temporal, mail: Mail | None = None
    ) -> None:
        self._gateways = gateways
        self._connect = connect
        self._mail = mail or FakeMail()
        self.database_answers = True
        self.field_keys: Fields = fields(FIRST)
        self.archive: BackupArchive = NoBackups()

    @asynccontextmanager
    async def front_door(self) -> AsyncGenerator[FrontDoor]:
        yield FrontDoor.over(await self.temporal(), self._gateways, "http://127.0.0.1")

    @asynccontextmanager
    async def gateways(self) -> AsyncGenerator[Gateways]:
        yield self._gateways

    @asynccontextmanager
    async def records(self) -> AsyncGenerator[Records]:
        if not self.database_answers:
            raise RecordsUnavailable("the data API answered 503")
        yield self._gateways.records

    @asynccontextmanager
    async def payments(self) -> AsyncGenerator[Payments]:
        yield self._gateways.payments

    @asynccontextmanager
    async def providers(self) -> AsyncGenerator[BookingProviders]:
        yield self._gateways.providers

    @asynccontextmanager
    async def backups(self, needed: type[BackupSettings]) -> AsyncGenerator[BackupArchive]:
        needed.load()
        yield self.archive

    def mail(self) -> Mail:
        return self._mail

    def mandates(self, *, signing: bool = False) -> Mandates:
        del signing  # these keys do both
        return self._gateways.mandates

    def fields(self) -> Fields:
        return self.field_keys

    async def temporal(self) -> Client:
        return await self._connect()


@dataclass
class CommandLine:
    """Runs `python starter.py ...` in this process."""

    doors: Doors

    async def run(self, *arguments: object) -> Result:
        # In a thread: the command runs an event loop of its own.
        return await asyncio.to_thread(
            CliRunner().invoke, app, [str(argument) for argument in arguments], obj=self.doors
        )

    async def json(self, *arguments: object) -> Any:
        """What a command that must succeed prints for programs."""
        result = await self.run(*arguments, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)


@dataclass
class Office:
    """An operator's command line, and a family whose registrations it sees."""

    records: InMemoryRecords
    family: Household
    doors: FakeDoors
    starter: CommandLine
    provider: FakeBookingProvider

    async def row(self, before: Registration) -> Registration:
        return await self.records.registration(before.id)


async def new_office(connect: Connect = no_temporal) -> Office:
    records = InMemoryRecords()
    provider = FakeBookingProvider()
    providers = FakeBookingProviders({"pool": provider})
    doors = FakeDoors(Gateways(records, providers, FakePayments(), MANDATES), connect)
    return Office(records, await new_household(records), doors, CommandLine(doors), provider)


def unknown_code() -> str:
    return f"SCH-{uuid4().hex[:8].upper()}"
