"""The bookings of registrations that have ended."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.looking_again import LookingAgain
    from activities.outside import Outside
    from activities.sweep_bookings import BookingSweeps
    from domain.recurrence import Every
    from domain.sweeps import BookingSweep, LookReport
    from workflows.durations import A_MINUTE
    from workflows.nominal_time import nominal_time
    from workflows.recurring import Job, Served
    from workflows.second_look import second_look


@workflow.defn(name="sweep_bookings")
class SweepBookings:
    """Looks again at the bookings of registrations that have ended."""

    @workflow.run
    async def run(self, order: BookingSweep) -> LookReport:
        """Look at what is due; at what seems missing, once more after the provider's read lag."""
        report = await workflow.execute_activity_method(
            BookingSweeps.sweep_bookings,
            order.for_run(nominal_time()),
            **A_MINUTE.under("Look again at bookings"),
        )
        second = await second_look(report, order.read_lag, order.again_after, A_MINUTE.policy)
        return report.without_doubts().plus(second)


def _activities(outside: Outside) -> Served:
    looking = LookingAgain(outside.records, outside.providers, outside.runs)
    sweeps = BookingSweeps(outside.records, looking, outside.clock)
    return [sweeps.sweep_bookings, sweeps.look_again]


JOB = Job(
    id="sweep-bookings",
    workflow=SweepBookings,
    order=BookingSweep(),
    when=Every(timedelta(minutes=1)),
    # What is due is found whenever it runs, so a storm of runs would find the same.
    catch_up=timedelta(minutes=1),
    jitter=timedelta(seconds=10),
    takes=A_MINUTE,
    note="Looks again at the bookings of registrations that have ended",
    activities=_activities,
)
