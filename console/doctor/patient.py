"""The installation that is looked at: each part reached once, for all the checks that need it."""

import asyncio
from collections.abc import Awaitable, Collection, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, TypeVar

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, DescribeNamespaceResponse
from temporalio.client import Client

from backup_settings import MakingSettings
from console.doctor.accounts import MOST_PROGRAMS, AccountLook, look_at_accounts
from console.doctor.findings import NotChecked
from console.doctor.once import Once
from console.doors import Doors
from console.schedules.declared import declared_jobs
from console.schedules.looking import Compared, compare_schedule
from console.task_queues import QueueState, look_at_queues
from domain.errors import RecordsMisconfigured
from domain.health import HealthQuestion, HealthReport
from domain.programs import Program as BookableProgram
from domain.programs import ProviderAccount
from domain.registrations import Agreement
from gateways import BackupArchive, BookingProviders, Fields, Mail, Mandates, Payments, Records

T = TypeVar("T")


class Program(StrEnum):
    """Whose environment this is."""

    WORKER = "worker"
    MCP = "mcp"
    DEPLOY = "deploy"


PROGRAM_ROLES = {Program.WORKER: "signupassist_worker", Program.MCP: "signupassist_web"}
"""The role of a key that is good for that one program."""


class Timed(NamedTuple):
    """A report, and when it was asked for and answered by this machine's clock."""

    report: HealthReport
    asked_at: datetime
    answered_at: datetime


class Patient:
    """The outside of the chosen programs.

    Attributes of construction:
        doors: what it is reached through.
        programs: whose needs count.
        within: how long one answer from outside may take. What needs another first takes as long
            again.
        stack: closes what was opened.
        about: the registrations whose accounts and programs alone are looked at; every one that is
            saved, where it is None.
    """

    def __init__(
        self,
        doors: Doors,
        programs: Collection[Program],
        within: timedelta,
        stack: AsyncExitStack,
        about: Sequence[Agreement] | None = None,
    ) -> None:
        self.programs = programs
        self.within = within
        self._doors = doors
        self._stack = stack
        self._about = about
        self.temporal = Once[Client]("temporal.connection", doors.temporal, within)
        self.namespace = Once("temporal.connection", self._namespace, 2 * within)
        self.queues = Once("temporal.pollers", self._queues, 3 * within)
        self.schedules = Once("temporal.schedules", self._schedules, 3 * within)
        self.records = Once("database.connection", self._records, within)
        self.report = Once("database.schema", self._report, 2 * within)
        self.accounts = Once("bookeo.account", self._accounts, 4 * within)
        self.payments = Once("stripe.key", self._payments, within)
        self.mail = Once("mail.server", self._mail, within)
        self.mandates = Once("mandates.keys", self._mandates, within)
        self.fields = Once("fields.keys", self._fields, within)
        self.backups = Once("backups.access", self._backups, 2 * within)

    async def answer(self, asked: Awaitable[T]) -> T:
        """That, within the bound of one answer; TimeoutError beyond it."""
        async with asyncio.timeout(self.within.total_seconds()):
            return await asked

    async def allowed(self, function: str) -> Records:
        """The database, for a check that calls that function.

        Raises:
            NotChecked: a key of one program's may not; or the database is not to be had.
        """
        report = await self.health()
        if report.role in PROGRAM_ROLES.values() and function in report.privileges.withheld:
            raise NotChecked(
                f"{report.role} may not ask for it, which a secret key of the project may"
            )
        return await self.records.needed()

    async def health(self) -> HealthReport:
        """The database's report, for a check that cannot do without."""
        return (await self.report.needed()).report

    async def _namespace(self) -> DescribeNamespaceResponse:
        client = await self.temporal.own()
        return await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=client.namespace), timeout=self.within
        )

    async def _queues(self) -> list[QueueState]:
        await self.namespace.needed()
        return await look_at_queues(await self.temporal.needed())

    async def _schedules(self) -> dict[str, Compared | None]:
        await self.namespace.needed()
        client = await self.temporal.needed()
        return {job.id: await compare_schedule(client, job) for job in declared_jobs()}

    async def _records(self) -> Records:
        records = await self._stack.enter_async_context(self._doors.records())
        try:
            await records.ping()
        except RecordsMisconfigured:
            # The key of one program need not be good for that.
            await records.health_report(HealthQuestion())
        return records

    async def _report(self) -> Timed:
        records = await self.records.needed()
        asked_at = datetime.now(UTC)
        report = await records.health_report(HealthQuestion())
        return Timed(report, asked_at, datetime.now(UTC))

    async def _accounts(self) -> list[AccountLook]:
        providers: BookingProviders = await self._stack.enter_async_context(self._doors.providers())
        try:
            accounts, programs = await self._bookable()
            report = await self.health()
        except NotChecked:
            # The key of the default account can be tried all the same.
            return await look_at_accounts(providers, (), (), (), self.within)
        return await look_at_accounts(
            providers, accounts, programs, report.at_an_opening, self.within
        )

    async def _bookable(self) -> tuple[Sequence[ProviderAccount], Sequence[BookableProgram]]:
        if self._about is not None:
            accounts = {
                (one.account.provider, one.account.org_ref): one.account for one in self._about
            }
            programs = {one.program.id: one.program for one in self._about}
            return list(accounts.values()), list(programs.values())
        saved = await (await self.allowed("provider_accounts")).provider_accounts()
        records = await self.allowed("find_programs")
        found = await records.find_programs(None, None, MOST_PROGRAMS)
        return saved, [one.program for one in found]

    async def _payments(self) -> Payments:
        return await self._stack.enter_async_context(self._doors.payments())

    async def _mail(self) -> Mail:
        return self._doors.mail()

    async def _mandates(self) -> Mandates:
        return self._doors.mandates()

    async def _fields(self) -> Fields:
        return self._doors.fields()

    async def _backups(self) -> BackupArchive | None:
        """What makes them, once it was looked at; None where nothing is said of backups."""
        if MakingSettings.load_if_given() is None:
            return None
        archive = await self._stack.enter_async_context(self._doors.backups(MakingSettings))
        await archive.check()
        return archive
