"""Sweeps run by hand, ghosts to be found, and what is left behind for an operator."""

from datetime import timedelta
from itertools import count
from uuid import UUID

from domain.alerts import AlertKind
from domain.identifiers import external_ref
from domain.outbox import LetterReport, LetterSweep, ReminderOrder, ReminderReport
from domain.states import AuditKind
from domain.sweeps import (
    BookingSweep,
    FeeReport,
    FeeSweep,
    LookReport,
    ProviderNotice,
    RunReport,
    RunSweep,
)
from tests.workflows.world import World
from workflows.jobs.notifications import ProcessNotifications
from workflows.jobs.sweep_bookings import SweepBookings
from workflows.jobs.sweep_fees import SweepFees
from workflows.jobs.sweep_letters import SweepLetters
from workflows.jobs.sweep_registrations import SweepRegistrations
from workflows.provider_notice import ProviderNoticed
from workflows.queues import MAINTENANCE

IN_ORDER = LookReport(looked=1)
SET_RIGHT = LookReport(looked=1, acted=1)
NOTHING_DUE = LookReport()

FIRST_LOOK = timedelta(minutes=5, seconds=1)

_numbers = count(1)


READ_LAG = timedelta(milliseconds=20)
"""Waited for in earnest: what skips it would skip all that has a time-out."""


async def sweep(world: World) -> LookReport:
    """One run of the sweep, now; the clock stays where it is."""
    with world.env.auto_time_skipping_disabled():
        return await world.client.execute_workflow(
            SweepBookings.run,
            BookingSweep(read_lag=READ_LAG),
            id="sweep-bookings",
            task_queue=MAINTENANCE,
        )


async def sweep_runs(world: World, order: RunSweep | None = None) -> RunReport:
    """One asking after the runs of registrations, now."""
    with world.env.auto_time_skipping_disabled():
        return await world.client.execute_workflow(
            SweepRegistrations.run, order or RunSweep(), id="sweep-runs", task_queue=MAINTENANCE
        )


async def sweep_fees(world: World) -> FeeReport:
    """One look at fees, now."""
    with world.env.auto_time_skipping_disabled():
        return await world.client.execute_workflow(
            SweepFees.run, FeeSweep(), id="sweep-fees", task_queue=MAINTENANCE
        )


async def sweep_letters(world: World, order: LetterSweep | None = None) -> LetterReport:
    """One try of letters that stayed in the outbox, now. Each is a run of its own."""
    with world.env.auto_time_skipping_disabled():
        return await world.client.execute_workflow(
            SweepLetters.run,
            order or LetterSweep(),
            id=f"sweep-letters-{next(_numbers)}",
            task_queue=MAINTENANCE,
        )


async def remind(world: World) -> ReminderReport:
    """The notification job, as if it were due now. Each is a run of its own."""
    with world.env.auto_time_skipping_disabled():
        return await world.client.execute_workflow(
            ProcessNotifications.run,
            ReminderOrder(),
            id=f"process-notifications-{next(_numbers)}",
            task_queue=MAINTENANCE,
        )


async def noticed(world: World, message: str, notice: ProviderNotice) -> LookReport:
    """A provider's notice, taken and looked into."""
    with world.env.auto_time_skipping_disabled():
        return await world.client.execute_workflow(
            ProviderNoticed.run,
            notice.model_copy(update={"read_lag": READ_LAG}),
            id=f"provider-notice-{message}",
            task_queue=MAINTENANCE,
        )


async def later(world: World, by: timedelta = FIRST_LOOK) -> None:
    await world.until(await world.env.get_current_time() + by)


async def haunt(world: World, registration_id: UUID) -> str:
    """A booking that the provider makes late, of a request it gave no good answer to."""
    _, order = world.provider.sends[0]
    assert order.reference == external_ref(registration_id)
    return (await world.provider.book(order)).booking.booking_number


async def lose_run(world: World, registration_id: UUID) -> None:
    """Its run is gone. First its letters: the server skips no time for an activity cut off."""
    await later(world, timedelta(minutes=3))
    await world.run(registration_id).terminate()


async def alerts(world: World) -> list[tuple[AlertKind, str]]:
    """Those open, oldest first."""
    newest_first = await world.records.open_alerts(100)
    return [(alert.kind, alert.sentence) for alert in reversed(newest_first)]


async def surplus_events(world: World, registration_id: UUID) -> list[dict[str, object]]:
    """What the audit trail says of bookings that should not be; the trail holds."""
    trail = await world.records.audit_trail(registration_id)
    assert (await world.records.verify_audit(registration_id)).holds
    return [event.detail for event in trail if event.kind is AuditKind.SURPLUS_FOUND]
