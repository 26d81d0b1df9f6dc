"""Registrations under way that nobody works on."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.outside import Outside
    from activities.sweep_registrations import RegistrationSweeps
    from domain.recurrence import Every
    from domain.sweeps import RunReport, RunSweep
    from workflows.durations import A_MINUTE
    from workflows.nominal_time import nominal_time
    from workflows.recurring import Job, Served


@workflow.defn(name="sweep_registrations")
class SweepRegistrations:
    """Asks after the workflows of registrations under way."""

    @workflow.run
    async def run(self, order: RunSweep) -> RunReport:
        """Start again what lost its run, and tell."""
        return await workflow.execute_activity_method(
            RegistrationSweeps.sweep_registrations,
            order.for_run(nominal_time()),
            **A_MINUTE.under("Ask after the workflows of registrations"),
        )


def _activities(outside: Outside) -> Served:
    sweeps = RegistrationSweeps(outside.records, outside.runs, outside.start_run, outside.clock)
    return [sweeps.sweep_registrations]


JOB = Job(
    id="sweep-registrations",
    workflow=SweepRegistrations,
    order=RunSweep(),
    when=Every(timedelta(minutes=1)),
    # What is due is found whenever it runs, so a storm of runs would find the same.
    catch_up=timedelta(minutes=1),
    jitter=timedelta(seconds=10),
    takes=A_MINUTE,
    note="Asks after the workflows of registrations under way",
    activities=_activities,
)
