"""Letters that did not go out at once."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.delivery import Delivery
    from activities.outside import Outside
    from activities.sweep_letters import LetterSweeps
    from domain.outbox import LetterReport, LetterSweep
    from domain.recurrence import Every
    from workflows.durations import A_MINUTE
    from workflows.nominal_time import nominal_time
    from workflows.recurring import Job, Served


@workflow.defn(name="sweep_letters")
class SweepLetters:
    """Delivers what stayed in the outbox."""

    @workflow.run
    async def run(self, order: LetterSweep) -> LetterReport:
        """Try the letters whose turn it is."""
        return await workflow.execute_activity_method(
            LetterSweeps.sweep_letters,
            order.for_run(nominal_time()),
            **A_MINUTE.under("Deliver letters that stayed in the outbox"),
        )


def _activities(outside: Outside) -> Served:
    delivery = Delivery(outside.records, outside.mail, outside.links)
    return [LetterSweeps(outside.records, delivery).sweep_letters]


JOB = Job(
    id="sweep-letters",
    workflow=SweepLetters,
    order=LetterSweep(),
    when=Every(timedelta(minutes=1)),
    # What is due is found whenever it runs, so a storm of runs would find the same.
    catch_up=timedelta(minutes=1),
    jitter=timedelta(seconds=10),
    takes=A_MINUTE,
    note="Delivers letters that stayed in the outbox",
    activities=_activities,
)
