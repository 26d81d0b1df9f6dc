"""What the commands reach, opened only by the command that needs it."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

import structlog
import typer
from temporalio.client import Client

from backup_settings import BackupSettings
from connection import (
    Gateways,
    connect_temporal,
    open_backups,
    open_fields,
    open_gateways,
    open_mail,
    open_mandates,
    open_payments,
    open_providers,
    open_records,
)
from gateways import BackupArchive, BookingProviders, Fields, Mail, Mandates, Payments, Records
from starter import FrontDoor, open_front_door


class Doors:
    """The real outside. Tests hand in another as the command line's context object.

    Each raises SettingsError where its own part of the environment is incomplete, and the
    errors of `domain.errors` where its service does not answer.
    """

    def front_door(self) -> AbstractAsyncContextManager[FrontDoor]:
        """Everything a change needs: database, Temporal, booking provider, payments."""
        return open_front_door()

    def gateways(self) -> AbstractAsyncContextManager[Gateways]:
        """What a look at the outside needs: database, booking provider, payments."""
        return open_gateways()

    @asynccontextmanager
    async def records(self) -> AsyncGenerator[Records]:
        """The database alone."""
        async with AsyncExitStack() as stack:
            yield await open_records(stack)

    @asynccontextmanager
    async def payments(self) -> AsyncGenerator[Payments]:
        """The payment service alone."""
        async with AsyncExitStack() as stack:
            yield open_payments(stack)

    @asynccontextmanager
    async def providers(self) -> AsyncGenerator[BookingProviders]:
        """The booking provider alone."""
        async with AsyncExitStack() as stack:
            yield open_providers(stack)

    @asynccontextmanager
    async def backups(self, needed: type[BackupSettings]) -> AsyncGenerator[BackupArchive]:
        """The backups alone, for whoever needs so much of the environment."""
        async with AsyncExitStack() as stack:
            yield open_backups(stack, needed.load())

    def mail(self) -> Mail:
        """The way out for letters."""
        return open_mail()

    def mandates(self, *, signing: bool = False) -> Mandates:
        """The keys of mandates: those that verify, and where asked for the one that signs."""
        return open_mandates(signing=signing)

    def fields(self) -> Fields:
        """The keys of people's fields, as far as any are given."""
        return open_fields()

    async def temporal(self) -> Client:
        """Temporal alone."""
        return await connect_temporal()


def doors_of(context: typer.Context) -> Doors:
    """The doors of this invocation; what is logged from here on names its command."""
    structlog.contextvars.bind_contextvars(command=context.command_path)
    return context.ensure_object(Doors)
