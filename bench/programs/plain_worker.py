"""The worker of the plain workflow: one process, the SDK's own settings, slots enough."""

import asyncio
import os
import signal

from temporalio.worker import Worker

from activities.armed_activities import TemporalActivities
from activities.book import Bookings
from activities.charge import Charging
from activities.clock import SystemClock
from activities.confirmation import Confirmation
from activities.lane_room import LaneRoom
from activities.lane_watch import LaneWatch
from activities.preflight import Preflight
from activities.tell import Telling
from activities.transitions import Transitions
from bench.programs.plain_registration import QUEUE, PlainRegistration
from connection import connect_temporal, open_gateways, open_mail
from workflows.sandboxing import workflow_runner

SLOTS = 1_000


async def run() -> None:
    """Serve until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    clock = SystemClock()
    async with open_gateways(signing=True) as gateways:
        records, providers, payments = gateways.records, gateways.providers, gateways.payments
        mandates = gateways.mandates
        client, room = await connect_temporal(), LaneRoom(records)
        watch = LaneWatch(records, TemporalActivities(client), clock)
        transitions = Transitions(records, watch, mandates, clock)
        worker = Worker(
            client,
            task_queue=QUEUE,
            workflows=[PlainRegistration],
            activities=[
                Confirmation(records, providers, mandates, clock).confirm_registration,
                Preflight(records, providers, payments, mandates, clock).preflight,
                transitions.claim_registration,
                transitions.record_outcome,
                Bookings(records, providers, mandates, room, clock).book,
                Charging(records, payments, mandates, clock).charge_success_fee,
                Telling(records, open_mail()).tell_parent,
            ],
            workflow_runner=workflow_runner(),
            max_concurrent_activities=SLOTS,
        )
        async with worker:
            await stop.wait()
        await watch.aclose()
        await room.aclose()


def main() -> None:
    """Run the worker."""
    asyncio.run(run())
    os._exit(0)  # the SDK's threads may abort an interpreter that finalises while they run


if __name__ == "__main__":
    main()
