"""The accounts whose deletion was asked for thirty days ago."""

from datetime import time, timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.erasing import Erasing
    from activities.erasure_letters import ErasureLetters
    from activities.forgetting import Forgetting
    from activities.outside import Outside
    from domain import run_words
    from domain.erasures import AccountPurge, ErasureOrder
    from domain.job_orders import EntityReport
    from domain.recurrence import Daily
    from workflows.durations import TEN_MINUTES
    from workflows.entities import entity_id, run_each
    from workflows.erasure import ErasureNoticeWorkflow, ErasureWorkflow
    from workflows.nominal_time import nominal_time
    from workflows.recurring import Job, Served


@workflow.defn(name="account_purge")
class AccountPurgeWorkflow:
    """One night's erasures, each account in a workflow of its own."""

    @workflow.run
    async def run(self, order: AccountPurge) -> EntityReport:
        """Erase what is due; what breaks off, or has to wait, is due the next night again."""
        due = await workflow.execute_activity_method(
            Erasing.due_erasures,
            order.for_run(nominal_time()),
            **TEN_MINUTES.under("Which accounts are due"),
        )
        # An id without the nominal time: two nights never work on one account at once.
        orders = {
            entity_id("erasure", user_id): ErasureOrder(user_id=user_id) for user_id in due.accounts
        }
        workflow.set_current_details(f"### Erasing {len(orders)} accounts")
        return await run_each(
            ErasureWorkflow.run,
            orders,
            takes=TEN_MINUTES,
            words=lambda _order: run_words.erasure(),
        )


def _activities(outside: Outside) -> Served:
    erasing = Erasing(outside.records, outside.archive)
    letters = ErasureLetters(outside.records, outside.mail)
    forgetting = Forgetting(outside.records, outside.providers, outside.payments, outside.histories)
    return [
        erasing.due_erasures,
        erasing.look_at_erasure,
        erasing.begin_erasure,
        erasing.log_erasure,
        erasing.erase_rows,
        erasing.finish_erasure,
        forgetting.forget_at_organisers,
        forgetting.forget_customer,
        forgetting.forget_histories,
        letters.tell_erasure_asked,
        letters.tell_erased,
    ]


JOB = Job(
    id="account-purge",
    workflow=AccountPurgeWorkflow,
    order=AccountPurge(),
    when=Daily(at=(time(2),)),
    # One night missed is made up for; the law allows a month, and it is due after thirty days.
    catch_up=timedelta(hours=24),
    takes=TEN_MINUTES,
    note="Erases accounts whose deletion was asked for thirty days ago",
    activities=_activities,
    children=(ErasureWorkflow, ErasureNoticeWorkflow),
)
