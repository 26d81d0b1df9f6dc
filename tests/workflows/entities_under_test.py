"""A job of the tests that has each of its things worked on by a workflow of its own."""

from datetime import timedelta

from temporalio import activity, workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from domain.job_orders import EntityReport
    from domain.run_words import RunWords
    from tests.workflows.things import Thing, Things
    from workflows.durations import SECONDS
    from workflows.entities import entity_id, run_each


class Worked:
    def __init__(self) -> None:
        self.on: list[str] = []

    @activity.defn(name="work_on_thing")
    async def work(self, thing: Thing) -> None:
        self.on.append(thing.name)
        if thing.name == "broken":
            raise ApplicationError("broken", non_retryable=True)


@workflow.defn(name="thing")
class WorkOnThing:
    @workflow.run
    async def run(self, thing: Thing) -> None:
        await workflow.execute_activity_method(Worked.work, thing, **SECONDS.under("Work on it"))
        if thing.name == "slow":
            await workflow.sleep(timedelta(minutes=1))


@workflow.defn(name="things")
class WorkOnThings:
    @workflow.run
    async def run(self, things: Things) -> EntityReport:
        due = things.due if things.once else None
        orders = {
            entity_id("thing", name, due): Thing(name=name, due=things.due) for name in things.names
        }
        return await run_each(
            WorkOnThing.run,
            orders,
            takes=SECONDS,
            words=lambda thing: RunWords(summary=thing.name, details="Works on it."),
            again=not things.once,
        )
