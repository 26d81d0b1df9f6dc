"""Graces that are over, seen to each night: the reconciler of the recoveries of payments."""

import asyncio
from datetime import time, timedelta

from temporalio import workflow
from temporalio.client import ScheduleOverlapPolicy

with workflow.unsafe.imports_passed_through():
    from activities.grace_period import GracePeriods
    from activities.outside import Outside
    from domain import run_words
    from domain.account_looks import AccountLook
    from domain.grace_period import GraceCheck, GraceReport
    from domain.identifiers import account_look_workflow_id, payment_recovery_workflow_id
    from domain.payment_recovery import RecoveryOrder
    from domain.recurrence import Daily
    from workflows.durations import HOURS
    from workflows.entities import run_each
    from workflows.nominal_time import nominal_time
    from workflows.payment_recovery import PaymentRecoveryWorkflow
    from workflows.recurring import Job, Served
    from workflows.subscriptions import AccountLookWorkflow


@workflow.defn(name="grace_period")
class GracePeriodWorkflow:
    """A recovery ends its own grace. This begins it again where its run was lost."""

    @workflow.run
    async def run(self, order: GraceCheck) -> GraceReport:
        """End the graces that are over, and look at the accounts that nobody told of."""
        found = await workflow.execute_activity_method(
            GracePeriods.find_overlooked,
            order.for_run(nominal_time()),
            **HOURS.under("Find graces that are over, and accounts without news"),
        )
        graces = {
            payment_recovery_workflow_id(grace.invoice_id): RecoveryOrder(
                invoice_id=grace.invoice_id, user_id=grace.user_id
            )
            for grace in found.graces
        }
        accounts = {
            account_look_workflow_id(user_id): AccountLook(user_id=user_id)
            for user_id in found.accounts
        }
        workflow.set_current_details(
            f"### Ending {len(graces)} graces, looking at {len(accounts)} accounts without news"
        )
        # Beside each other: a grace that takes long holds no account up.
        ended, looked = await asyncio.gather(
            run_each(
                PaymentRecoveryWorkflow.run,
                graces,
                takes=HOURS,
                words=lambda order: run_words.payment_recovery(order.invoice_id),
            ),
            run_each(
                AccountLookWorkflow.run,
                accounts,
                takes=HOURS,
                words=lambda _order: run_words.account_without_news(),
            ),
        )
        return GraceReport(graces=ended, accounts=looked)


def _activities(outside: Outside) -> Served:
    return [GracePeriods(outside.records).find_overlooked]


JOB = Job(
    id="grace-period",
    workflow=GracePeriodWorkflow,
    order=GraceCheck(),
    when=Daily(at=(time(2, 30),)),
    # Nobody keeps the paid plan for a night more because the night before took long.
    overlap=ScheduleOverlapPolicy.BUFFER_ONE,
    catch_up=timedelta(hours=24),
    jitter=timedelta(minutes=1),
    # It looks for a moment only. Those that it begins wait an outage of Stripe or of mail out.
    takes=HOURS,
    note="Ends graces that are over, and looks at subscriptions without news",
    activities=_activities,
    children=(PaymentRecoveryWorkflow, AccountLookWorkflow),
)
