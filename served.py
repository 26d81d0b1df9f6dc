"""What each task queue serves, and how much of it at once."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.common import MetricMeter
from temporalio.worker import PollerBehaviorAutoscaling, Worker

from activities.account_look import AccountLooks
from activities.attempt_lines import AttemptLines
from activities.book import HEARTBEAT_EVERY, Bookings, Trace, untraced
from activities.cancellation import Cancelling
from activities.charge import Charging
from activities.clock import Clock, SystemClock
from activities.confirmation import Confirmation
from activities.counted_providers import CountedProviders
from activities.failures import BareFailures
from activities.fee_links import FeeLinks
from activities.histories import Histories
from activities.lane_room import LaneRoom
from activities.lane_watch import LaneWatch
from activities.looking_again import LookingAgain
from activities.outcome_counts import OutcomeCounts
from activities.outside import Outside
from activities.payment_recovery import PaymentRecoveries
from activities.preflight import Preflight
from activities.receipts_first import ReceiptsFirst
from activities.recovery_runs import RecoveryRuns
from activities.refunding import Refunding
from activities.review import Reviewing
from activities.runs import Runs
from activities.standing_down import stood_down_over
from activities.sweep_bookings import BookingSweeps
from activities.tell import Telling
from activities.transitions import Transitions
from connection import Gateways
from domain.programs import BOOKEO
from domain.timing import Timing
from front_door.run_start import RunStart
from gateways import BackupArchive, Mail
from gateways.no_backups import NoBackups
from release import Release, build_of_sources
from workflows import registered
from workflows.queues import BOOKINGS, LETTERS, MAINTENANCE, QUEUES, REGISTRATIONS
from workflows.sandboxing import workflow_runner
from workflows.schedules import JOBS

GRACE = timedelta(seconds=20)
"""What is in flight may finish; an armed booking that has not fired is released at once."""

MOST_AT_ONCE = 5_000
"""Lanes that one process holds: waiting costs memory only. A lane that finds no slot is late."""

DECISIONS_AT_ONCE = 20
"""Workflow tasks, with the local activities in them. After an opening everything is due at once:
beyond what the server takes, its writes time out and are done again."""

STEPS_AT_ONCE = 200
"""Ordinary activities: they mostly wait for somebody outside, who may be slow."""

LETTERS_AT_ONCE = 10
"""They wait in these slots while very many bookings are charged (`ReceiptsFirst`); the others wait
at the server."""

JOBS_AT_ONCE = 10
"""Of each kind of task: what recurs, and notices of a provider, which may come in a flood."""

CANCELLATION_WITHIN = timedelta(milliseconds=500)
"""How often heartbeats are really sent, and so how late a cancellation may reach an activity."""

LOCAL = "http://127.0.0.1:8000"
"""Where our own pages are, where nothing else is said."""


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
    backups: BackupArchive | None = None,
    meter: MetricMeter = MetricMeter.noop,
    trace: Trace = untraced,
    release: Release | None = None,
    **options: Any,
) -> list[Worker]:
    """One worker a task queue, each with what that queue serves.

    `room` is for the bookings armed here, `watch` for those armed anywhere, `public_url` for the
    pages that a parent comes back to. `timing` is that of registrations which lost their run and
    are started again. `backups` is what the database is backed up with; nothing where it is None.
    `meter` counts what is done; `trace` is told what each attempt at a booking sent.
    `release` is what they tell Temporal they are; None for unversioned workers of this code.
    `options` go to every worker as they are; tests make bugs fail at once with them.
    """
    # The line is written inside, where an error still has what lies behind it.
    interceptors = [BareFailures(), AttemptLines(), *options.pop("interceptors", ())]
    clock = clock or SystemClock()
    records = gateways.records
    providers = CountedProviders(BOOKEO, gateways.providers, meter)
    payments, mandates = gateways.payments, gateways.mandates
    counts = OutcomeCounts(meter if REGISTRATIONS in queues else MetricMeter.noop)
    transitions = Transitions(records, watch, mandates, clock, counts)
    reviewing = Reviewing(records, providers, clock, counts)
    first = ReceiptsFirst()
    charging = Charging(records, payments, mandates, clock, first)
    cancelling = Cancelling(records, providers, stood_down_over(client), clock, counts)
    refunding = Refunding(records, payments, clock, counts)
    outside = Outside(
        records=records,
        providers=providers,
        payments=payments,
        mandates=mandates,
        mail=mail,
        runs=Runs(client, REGISTRATIONS),
        histories=Histories(client),
        start_run=RunStart(client, timing or Timing()).again,
        links=FeeLinks(records, payments, mandates, public_url, clock),
        clock=clock,
        archive=backups or NoBackups(),
    )
    telling = Telling(records, mail, outside.links, first)
    bookings = BookingSweeps(records, LookingAgain(records, providers, outside.runs), clock)
    accounts = AccountLooks(records, payments, RecoveryRuns(client, MAINTENANCE))
    recoveries = PaymentRecoveries(records, payments, mail, public_url, clock)
    served: dict[str, dict[str, Any]] = {
        REGISTRATIONS: {
            "workflows": registered.SERVED[REGISTRATIONS],
            "activities": [
                Confirmation(records, providers, mandates, clock).confirm_registration,
                Preflight(records, providers, payments, mandates, clock).preflight,
                transitions.claim_registration,
                transitions.ask_release,
                transitions.reschedule_registration,
                transitions.cancel_registration,
                transitions.revoke_mandate,
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
                # Of runs that asked for it here, before letters had a queue of their own.
                telling.tell_parent,
            ],
            "workflow_runner": workflow_runner(),
            "max_concurrent_activities": STEPS_AT_ONCE,
            "max_concurrent_local_activities": DECISIONS_AT_ONCE,
            "max_concurrent_workflow_tasks": DECISIONS_AT_ONCE,
            "max_heartbeat_throttle_interval": CANCELLATION_WITHIN,
            "default_heartbeat_throttle_interval": CANCELLATION_WITHIN,
        },
        BOOKINGS: {
            "activities": [Bookings(records, providers, mandates, room, clock, trace).book],
            "max_concurrent_activities": MOST_AT_ONCE,
            "max_heartbeat_throttle_interval": HEARTBEAT_EVERY,
            "default_heartbeat_throttle_interval": HEARTBEAT_EVERY,
        },
        LETTERS: {
            "activities": [telling.tell_parent, recoveries.write_recovery_letter],
            "max_concurrent_activities": LETTERS_AT_ONCE,
        },
        MAINTENANCE: {
            "workflows": registered.SERVED[MAINTENANCE],
            "activities": [
                bookings.find_noticed,
                accounts.work_stripe_event,
                accounts.look_at_account,
                recoveries.look_at_invoice,
                recoveries.end_grace,
                *(activity for job in JOBS for activity in job.activities(outside)),
            ],
            "workflow_runner": workflow_runner(),
            "max_concurrent_activities": JOBS_AT_ONCE,
            "max_concurrent_workflow_tasks": JOBS_AT_ONCE,
        },
    }
    told = (release or Release(build_of_sources())).worker_options()
    return [
        Worker(
            client,
            task_queue=queue,
            graceful_shutdown_timeout=GRACE,
            workflow_task_poller_behavior=PollerBehaviorAutoscaling(),
            activity_task_poller_behavior=PollerBehaviorAutoscaling(),
            interceptors=interceptors,
            **{**told, **served[queue], **options},
        )
        for queue in queues
    ]
