"""The composition root: registers workflows and activities, and runs until SIGTERM."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Annotated, Any

import structlog
import typer
from temporalio.client import Client
from temporalio.worker import PollerBehaviorAutoscaling, Worker

import logs
from activities.book import Bookings
from activities.charge import Charging
from activities.clock import Clock, SystemClock
from activities.confirmation import Confirmation
from activities.preflight import Preflight
from activities.tell import Telling
from activities.transitions import Transitions
from connection import Gateways, connect_temporal, open_gateways, open_mail
from domain.errors import OutsideError
from gateways import Mail
from settings import SettingsError
from workflows.queues import BOOKINGS, QUEUES, REGISTRATIONS
from workflows.registration import RegistrationWorkflow
from workflows.sandboxing import workflow_runner

log = structlog.stdlib.get_logger(__name__)

GRACE = timedelta(seconds=20)
"""What is in flight may finish; an armed booking that has not fired is released at once."""

CANCELLATION_WITHIN = timedelta(milliseconds=500)
"""How often heartbeats are really sent, and so how late a cancellation may reach an activity."""


def workers(
    client: Client,
    gateways: Gateways,
    mail: Mail,
    *,
    queues: Sequence[str] = QUEUES,
    clock: Clock | None = None,
    **options: Any,
) -> list[Worker]:
    """One worker a task queue, each with what that queue serves.

    `options` go to every worker as they are; tests make bugs fail at once with them.
    """
    clock = clock or SystemClock()
    records, providers = gateways.records, gateways.providers
    transitions = Transitions(records)
    served: dict[str, dict[str, Any]] = {
        REGISTRATIONS: {
            "workflows": [RegistrationWorkflow],
            "activities": [
                Confirmation(records, providers, clock).confirm_registration,
                Preflight(records, providers, gateways.payments, clock).preflight,
                transitions.claim_registration,
                transitions.reschedule_registration,
                transitions.cancel_registration,
                transitions.record_outcome,
                transitions.settle_fee,
                Charging(records, gateways.payments, clock).charge_success_fee,
                Telling(records, mail).tell_parent,
            ],
            "workflow_runner": workflow_runner(),
        },
        BOOKINGS: {"activities": [Bookings(records, providers, clock).book]},
    }
    return [
        Worker(
            client,
            task_queue=queue,
            graceful_shutdown_timeout=GRACE,
            max_heartbeat_throttle_interval=CANCELLATION_WITHIN,
            default_heartbeat_throttle_interval=CANCELLATION_WITHIN,
            max_concurrent_activities=1_000,
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
        gateways = await stack.enter_async_context(open_gateways())
        mail = open_mail()
        client = await connect_temporal()
        for worker in workers(client, gateways, mail, queues=queues):
            await stack.enter_async_context(worker)
        log.info("worker_ready", queues=list(queues))
        await stop.wait()
        log.info("worker_stopping")


def main(
    queue: Annotated[
        list[str] | None, typer.Option(help="Serve only this task queue; may be repeated.")
    ] = None,
) -> None:
    """Run the worker."""
    logs.configure()
    queues = queue or list(QUEUES)
    unknown = [name for name in queues if name not in QUEUES]
    if unknown:
        typer.echo(f"There is no task queue {unknown[0]!r}. Known: {', '.join(QUEUES)}.", err=True)
        raise SystemExit(2)
    try:
        asyncio.run(run(queues))
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise SystemExit(2) from None
    except OutsideError as error:
        typer.echo(str(error), err=True)
        raise SystemExit(1) from None
    # The SDK's threads may abort a Python 3.11 interpreter that finalises while they run, which
    # would make a clean stop look like a crash.
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    typer.run(main)
