"""The composition root: opens what the queues need, serves them, and runs until SIGTERM."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import structlog
import typer
from temporalio.client import Client, Plugin
from temporalio.common import MetricMeter
from temporalio.runtime import Runtime

import logs
import supervisor
from activities.armed_activities import TemporalActivities
from activities.clock import SystemClock
from activities.lane_room import LaneRoom
from activities.lane_watch import LaneWatch
from activities.service_figures import figures_shown
from backup_settings import MakingSettings, forget_backups
from connection import (
    Gateways,
    connect_temporal,
    open_gateways,
    open_mail,
    open_own_backups,
)
from domain.errors import OutsideError
from domain.timing import Timing
from gateways import Mail
from release import Release
from served import GRACE, workers
from settings import FrontDoorSettings, SettingsError
from telemetry.metrics import metrics_runtime
from telemetry.tracing import traced
from telemetry_settings import MetricsSettings, TracingSettings
from workflows.queues import BOOKINGS, LETTERS, MAINTENANCE, QUEUES, REGISTRATIONS

if sys.platform == "win32":
    from asyncio import new_event_loop
else:
    # The lanes' lateness was measured on it. The other part takes it too: what is seen of sockets
    # and signals in one then holds for both.
    from uvloop import new_event_loop

log = structlog.stdlib.get_logger(__name__)

PATIENCE = GRACE + timedelta(seconds=5)
"""How long a part may take to end before it is killed; an orchestrator must wait longer still."""

PARTS = ((REGISTRATIONS, LETTERS, MAINTENANCE), (BOOKINGS,))
"""The queues of each process: an armed booking shares its process with nothing that could make
it late, and letters and sweeps are too little for one of their own. The place of a part is also how
far above METRICS_PORT it shows its figures."""

ARMED_FOR = Timing().lead + Timing().longest_spread
"""Whatever another worker has armed as this one starts is sent within this long."""

NAMES = ("signupassist-worker", "signupassist-lanes")
"""What each part is called in traces."""


async def run(queues: Sequence[str]) -> None:
    """Serve the queues until SIGTERM or SIGINT, then let what is in flight finish."""
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    async with AsyncExitStack() as stack:
        backups = open_own_backups(stack) if MAINTENANCE in queues else None
        # Whoever gets into the lanes finds no key of backups, and no way to the database itself.
        forget_backups()
        part = _part(queues)
        metrics = metrics_runtime(MetricsSettings.load(), above=part)
        meter = metrics.metric_meter if metrics is not None else MetricMeter.noop
        tracing = stack.enter_context(traced(NAMES[part], calls=BOOKINGS not in queues))
        gateways, mail, client = await _outside(stack, metrics, tracing.plugins)
        if MAINTENANCE in queues:
            await stack.enter_async_context(figures_shown(gateways.records, meter))
        room = LaneRoom(gateways.records, meter=meter if BOOKINGS in queues else MetricMeter.noop)
        stack.push_async_callback(room.aclose)
        watch = LaneWatch(gateways.records, TemporalActivities(client), SystemClock())
        stack.push_async_callback(watch.aclose)
        watch.until(datetime.now(UTC) + ARMED_FOR)
        public_url, release = FrontDoorSettings.load().public_url, Release.here()
        for worker in workers(
            client,
            gateways,
            mail,
            room,
            watch,
            queues=queues,
            public_url=public_url,
            backups=backups,
            meter=meter,
            trace=tracing.sends,
            release=release,
        ):
            await stack.enter_async_context(worker)
        log.info("worker_ready", queues=list(queues), build=release.build)
        await stop.wait()
        log.info("worker_stopping")


async def check() -> None:
    """Fail as a worker would that starts now: so that one process says why, not each part."""
    MakingSettings.load_if_given()
    MetricsSettings.load()
    TracingSettings.load()
    Release.here()
    async with AsyncExitStack() as stack:
        await _outside(stack)


async def _outside(
    stack: AsyncExitStack, metrics: Runtime | None = None, plugins: Sequence[Plugin] = ()
) -> tuple[Gateways, Mail, Client]:
    gateways = await stack.enter_async_context(open_gateways(signing=True))
    mail = open_mail()
    return gateways, mail, await connect_temporal(metrics, plugins)


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
    except Exception:  # Python's own traceback would print what the bug met
        log.exception("crashed")
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
