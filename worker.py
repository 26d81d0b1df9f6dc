"""The composition root: registers workflows and activities, and runs until SIGTERM."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import structlog
import typer
from temporalio.client import Client
from temporalio.worker import PollerBehaviorAutoscaling, Worker

import logs
import supervisor
from activities.book import HEARTBEAT_EVERY, Bookings
from activities.cancellation import Cancelling
from activities.charge import Charging
from activities.clock import Clock, SystemClock
from activities.confirmation import Confirmation
from activities.fee_links import FeeLinks
from activities.lane_room import LaneRoom
from activities.lane_watch import LaneWatch, deaths_reported_to
from activities.looking_again import LookingAgain
from activities.preflight import Preflight
from activities.refunding import Refunding
from activities.review import Reviewing
from activities.runs import Runs
from activities.standing_down import stood_down_over
from activities.sweep_bookings import BookingSweeps
from activities.sweep_fees import FeeSweeps
from activities.sweep_registrations import RegistrationSweeps
from activities.tell import Telling
from activities.transitions import Transitions
from connection import Gateways, connect_temporal, metrics_runtime, open_gateways, open_mail
from domain.errors import OutsideError
from domain.timing import Timing
from front_door.run_start import RunStart
from gateways import Mail
from settings import FrontDoorSettings, MetricsSettings, SettingsError
from workflows.cancellation import CancellationWorkflow
from workflows.queues import BOOKINGS, MAINTENANCE, QUEUES, REGISTRATIONS
from workflows.registration import RegistrationWorkflow
from workflows.review_workflow import ReviewWorkflow
from workflows.sandboxing import workflow_runner
from workflows.sweeps import ProviderNoticed, SweepBookings, SweepFees, SweepRegistrations

if sys.platform == "win32":
    from asyncio import new_event_loop
else:
    # The lanes' lateness was measured on it. The other part takes it too: what is seen of sockets
    # and signals in one then holds for both.
    from uvloop import new_event_loop

log = structlog.stdlib.get_logger(__name__)

GRACE = timedelta(seconds=20)
"""What is in flight may finish; an armed booking that has not fired is released at once."""

MOST_AT_ONCE = 5_000
"""Lanes that one process holds: waiting costs memory only. A lane that finds no slot is late."""

DECISIONS_AT_ONCE = 20
"""Workflow tasks, with the local activities in them. After an opening everything is due at once:
beyond what the server takes, its writes time out and are done again."""

STEPS_AT_ONCE = 200
"""Ordinary activities: they mostly wait for somebody outside, who may be slow."""

SWEEPS_AT_ONCE = 10
"""Of each kind of task: what recurs, and notices of a provider, which may come in a flood."""

CANCELLATION_WITHIN = timedelta(milliseconds=500)
"""How often heartbeats are really sent, and so how late a cancellation may reach an activity."""

LOCAL = "http://127.0.0.1:8000"
"""Where our own pages are, where nothing else is said."""

PATIENCE = GRACE + timedelta(seconds=5)
"""How long a part may take to end before it is killed; an orchestrator must wait longer still."""

PARTS = ((REGISTRATIONS, MAINTENANCE), (BOOKINGS,))
"""The queues of each process: an armed booking shares its process with nothing that could make
it late, and the sweeps are too little for one of their own. The place of a part is also how far
above METRICS_PORT it shows its figures."""


def workers(
    client: Client,
    gateways: Gateways,
    mail: Mail,
    room: LaneRoom,
    watch: LaneWatch,
    *,
    queues: Sequence[str] = QUEUES,
    clock: Clock | None = None,
    public_url: str = LOCAL,
    timing: Timing | None = None,
    **options: Any,
) -> list[Worker]:
    """One worker a task queue, each with what that queue serves.

    `room` is for the bookings armed here, `watch` for those armed anywhere, `public_url` for the
    pages that a parent comes back to. `timing` is that of registrations which lost their run and
    are started again.
    `options` go to every worker as they are; tests make bugs fail at once with them.
    """
    clock = clock or SystemClock()
    records, providers = gateways.records, gateways.providers
    transitions = Transitions(records, watch)
    reviewing = Reviewing(records, providers, clock)
    charging = Charging(records, gateways.payments, clock)
    cancelling = Cancelling(records, providers, stood_down_over(client), clock)
    refunding = Refunding(records, gateways.payments, clock)
    links = FeeLinks(records, gateways.payments, public_url, clock)
    runs = Runs(client, REGISTRATIONS)
    bookings = BookingSweeps(records, LookingAgain(records, providers, runs))
    served: dict[str, dict[str, Any]] = {
        REGISTRATIONS: {
            "workflows": [RegistrationWorkflow, ReviewWorkflow, CancellationWorkflow],
            "activities": [
                Confirmation(records, providers, clock).confirm_registration,
                Preflight(records, providers, gateways.payments, clock).preflight,
                transitions.claim_registration,
                transitions.ask_release,
                transitions.reschedule_registration,
                transitions.cancel_registration,
                transitions.record_outcome,
                transitions.settle_fee,
                reviewing.check_review,
                reviewing.resolve_review,
                charging.charge_success_fee,
                charging.look_at_fee,
                cancelling.check_cancellation,
                cancelling.cancel_booking,
                cancelling.stand_down,
                cancelling.finish_cancellation,
                refunding.settle_outstanding_charge,
                refunding.refund_fee,
                Telling(records, mail, links).tell_parent,
            ],
            "workflow_runner": workflow_runner(),
            "max_concurrent_activities": STEPS_AT_ONCE,
            "max_concurrent_local_activities": DECISIONS_AT_ONCE,
            "max_concurrent_workflow_tasks": DECISIONS_AT_ONCE,
            "max_heartbeat_throttle_interval": CANCELLATION_WITHIN,
            "default_heartbeat_throttle_interval": CANCELLATION_WITHIN,
        },
        BOOKINGS: {
            "activities": [Bookings(records, providers, room, clock).book],
            "max_concurrent_activities": MOST_AT_ONCE,
            "max_heartbeat_throttle_interval": HEARTBEAT_EVERY,
            "default_heartbeat_throttle_interval": HEARTBEAT_EVERY,
        },
        MAINTENANCE: {
            "workflows": [SweepBookings, SweepRegistrations, SweepFees, ProviderNoticed],
            "activities": [
                bookings.sweep_bookings,
                bookings.look_again,
                bookings.find_noticed,
                RegistrationSweeps(
                    records, runs, RunStart(client, timing or Timing()).again, clock
                ).sweep_registrations,
                FeeSweeps(records, runs, clock).sweep_fees,
            ],
            "workflow_runner": workflow_runner(),
            "max_concurrent_activities": SWEEPS_AT_ONCE,
            "max_concurrent_workflow_tasks": SWEEPS_AT_ONCE,
        },
    }
    return [
        Worker(
            client,
            task_queue=queue,
            graceful_shutdown_timeout=GRACE,
            workflow_task_poller_behavior=PollerBehaviorAutoscaling(),
            activity_task_poller_behavior=PollerBehaviorAutoscaling(),
            **{**served[queue], **options},
        )
        for queue in queues
    ]


async def run(queues: Sequence[str]) -> None:
    """Serve the queues until SIGTERM or SIGINT, then let what is in flight finish."""
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    async with AsyncExitStack() as stack:
        gateways, mail, client = await _outside(stack, _part(queues))
        room = LaneRoom(gateways.records)
        stack.push_async_callback(room.aclose)
        watch = LaneWatch(gateways.records, deaths_reported_to(client), SystemClock())
        stack.push_async_callback(watch.aclose)
        watch.until(datetime.now(UTC))
        public_url = FrontDoorSettings.load().public_url
        for worker in workers(
            client, gateways, mail, room, watch, queues=queues, public_url=public_url
        ):
            await stack.enter_async_context(worker)
        log.info("worker_ready", queues=list(queues))
        await stop.wait()
        log.info("worker_stopping")


async def check() -> None:
    """Fail as a worker would that starts now: so that one process says why, not each part."""
    async with AsyncExitStack() as stack:
        await _outside(stack)


async def _outside(stack: AsyncExitStack, part: int | None = None) -> tuple[Gateways, Mail, Client]:
    gateways = await stack.enter_async_context(open_gateways())
    mail = open_mail()
    metrics = MetricsSettings.load()
    runtime = metrics_runtime(metrics, above=part) if part is not None else None
    return gateways, mail, await connect_temporal(runtime)


def _part(queues: Sequence[str]) -> int:
    return next(place for place, part in enumerate(PARTS) if queues[0] in part)


def main(
    queue: Annotated[
        list[str] | None, typer.Option(help="Serve only this task queue; may be repeated.")
    ] = None,
) -> None:
    """Run the worker: each of its parts in a process of its own, one part alone in this one."""
    logs.configure()
    queues = queue or list(QUEUES)
    unknown = [name for name in queues if name not in QUEUES]
    if unknown:
        typer.echo(f"There is no task queue {unknown[0]!r}. Known: {', '.join(QUEUES)}.", err=True)
        raise SystemExit(2)
    parts = [served for part in PARTS if (served := [name for name in part if name in queues])]
    try:
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(run(parts[0]) if len(parts) == 1 else check())
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise SystemExit(2) from None
    except OutsideError as error:
        typer.echo(str(error), err=True)
        raise SystemExit(1) from None
    sys.stdout.flush()
    if len(parts) > 1:
        # This process becomes the supervisor, and so gives back what the check had to load.
        arguments = [[f"--queue={name}" for name in part] for part in parts]
        become = supervisor.command(Path(__file__), arguments, patience=PATIENCE.total_seconds())
        os.execv(become[0], become)  # noqa: S606 - our own program
    # The SDK's threads may abort a Python 3.11 interpreter that finalises while they run, which
    # would make a clean stop look like a crash.
    os._exit(0)


if __name__ == "__main__":
    typer.run(main)
