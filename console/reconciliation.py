"""After a restore: everything that may have happened since the backup is looked for, in order.

1. Bookings are paused, and the backup's instant is known.
2. Every account lists what was booked under our references since then.
3. Each registration that may have been booked gets a marker, so that it is looked up before any
   send: an existing booking is adopted, none is sent twice.
4. What no registration explains is raised as an alert, with its number.
5. Runs that are missing, or apart from their rows, are started anew where the row stands.
6. Bookings run again.

Charges need no step: one of what may have been booked before the restore is looked for at the
payment service before it is made (`FrozenCharge.may_exist_since`). Each step may be repeated.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from activities.clock import Clock
from concurrency import of_each
from console.provider_bookings import AccountLook, FoundBooking, look
from console.run_mending import RunMending, under_way
from console.runs import Runs
from console.unexplained import alert_about, is_sought
from domain.alerts import NewAlert
from domain.errors import RecordMissing
from domain.frozen import Frozen, Instant
from domain.refusals import refuse
from domain.registrations import Registration
from domain.service import ServiceState
from domain.timing import Timing
from front_door.changes import Changes
from gateways import BookingProviders, Records

CLOCKS_APART = timedelta(minutes=1)
"""A registration that opened so shortly after the restore may have been sent before it, by a clock
that was ahead."""

LISTED_AFTER = Timing().quiet_period
"""What the lost service sent last is listed by then."""

Say = Callable[[str], None]


class Reckoning(Frozen):
    """What was found, and what was done about it."""

    dry_run: bool
    backup_taken_at: Instant
    restored_at: Instant
    accounts: int = 0
    accounts_refused: tuple[str, ...] = ()
    """Organisations whose system refuses our keys: not looked at."""
    bookings_since: int = 0
    """Under our references, cancelled ones included."""
    to_look_up: tuple[str, ...] = ()
    """Codes: they may have been booked, and are looked up before anything is sent."""
    alerts: tuple[NewAlert, ...] = ()
    runs_started: tuple[str, ...] = ()
    """Codes of registrations whose run was missing."""
    runs_replaced: tuple[str, ...] = ()
    """Codes of registrations whose run was apart from its row."""
    resumed: bool = False


class Reconciliation:
    """One reckoning with what happened since a backup."""

    def __init__(
        self,
        records: Records,
        providers: BookingProviders,
        changes: Changes,
        runs: Runs,
        say: Say,
        clock: Clock,
        *,
        dry_run: bool,
    ) -> None:
        self._records = records
        self._providers = providers
        self._mending = RunMending(records, changes, runs, dry_run=dry_run)
        self._say = say
        self._clock = clock
        self._dry_run = dry_run

    async def done(self) -> Reckoning:
        """Do all of it; bookings run again only when every step went through.

        Raises:
            Refused: `not_restored`, `reconciled_already`.
            OutsideError: somebody did not answer; bookings stay paused, and it may be repeated.
        """
        backup, restored = _instants(await self._records.service_state())
        reckoning = Reckoning(dry_run=self._dry_run, backup_taken_at=backup, restored_at=restored)
        await self._wait_until_listed(restored)
        looks = await self._look(backup)
        # Two accounts may be opened by the same keys, and then list the same.
        found = list({one.identity: one for _, seen in looks for one in seen.bookings}.values())
        self._say(f"{len(looks)} accounts list {len(found)} bookings of ours since the backup.")
        rows = await self._rows(found)
        sought = await self._mark(restored, found, rows)
        alerts = await self._alert(found, rows)
        mended = await self._mending.done()
        reckoning = reckoning.model_copy(
            update={
                "accounts": len(looks),
                "accounts_refused": tuple(org_ref for org_ref, seen in looks if seen.refused),
                "bookings_since": len(found),
                "to_look_up": tuple(sorted(row.code for row in sought)),
                "alerts": (*alerts, *mended.alerts),
                "runs_started": tuple(sorted(mended.started)),
                "runs_replaced": tuple(sorted(mended.replaced)),
            }
        )
        self._say(
            f"{len(mended.started)} runs were missing, {len(mended.replaced)} apart from the row."
        )
        if self._dry_run:
            return reckoning
        state = await self._records.resume_bookings(reconciled=True)
        return reckoning.model_copy(update={"resumed": not state.paused})

    async def _wait_until_listed(self, restored: datetime) -> None:
        left = restored + LISTED_AFTER - self._clock.now()
        if left > timedelta() and not self._dry_run:
            self._say(f"Waiting {left.total_seconds():.0f} s, until what was sent last is listed.")
            await asyncio.sleep(left.total_seconds())

    async def _look(self, since: datetime) -> list[tuple[str, AccountLook]]:
        accounts = await self._records.provider_accounts()
        looks = await of_each(accounts, lambda account: look(self._providers, account, since))
        return [(account.org_ref, one) for account, one in zip(accounts, looks, strict=True)]

    async def _rows(self, found: list[FoundBooking]) -> dict[UUID, Registration]:
        """The registrations that the bookings name, as far as the database has them."""

        async def row(registration_id: UUID) -> Registration | None:
            try:
                return await self._records.registration(registration_id)
            except RecordMissing:
                return None

        named = sorted({booking.registration_id for booking in found})
        rows = await of_each(named, row)
        return {one.id: one for one in rows if one is not None}

    async def _mark(
        self, restored: datetime, found: list[FoundBooking], rows: dict[UUID, Registration]
    ) -> list[Registration]:
        """Those that opened by the restore, and those of which a booking was found."""
        latest = restored + CLOCKS_APART
        opened = {
            row.id: row for row in await under_way(self._records) if row.scheduled_time <= latest
        }
        named = {booking.registration_id for booking in found}
        booked = {row.id: row for row in rows.values() if row.id in named and is_sought(row)}
        sought = list({**opened, **booked}.values())
        self._say(f"{len(sought)} registrations may have been booked: each is looked up first.")
        if not self._dry_run:
            await of_each(sought, lambda row: self._records.mark_possibly_booked(row.id))
        return sought

    async def _alert(
        self, found: list[FoundBooking], rows: dict[UUID, Registration]
    ) -> list[NewAlert]:
        told = (alert_about(booking, rows.get(booking.registration_id)) for booking in found)
        alerts = [alert for alert in told if alert is not None]
        if alerts and not self._dry_run:
            await of_each(alerts, self._records.raise_alert)
        return alerts


def _instants(state: ServiceState) -> tuple[datetime, datetime]:
    backup, restored = state.backup_taken_at, state.restored_at
    if backup is None or restored is None:
        raise refuse(
            "not_restored",
            "No restore is known of. After one, with no worker running, say from which backup: "
            "`python starter.py bookings pause --because restore --restored-from INSTANT`.",
        )
    if state.reconciled_at is not None:
        raise refuse(
            "reconciled_already",
            f"The restore of {restored.isoformat()} was reconciled at "
            f"{state.reconciled_at.isoformat()}. There is nothing left to do.",
        )
    return backup, restored
