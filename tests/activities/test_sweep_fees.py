from dataclasses import dataclass, field
from uuid import UUID

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.clock import SystemClock
from activities.late_charges import LateCharges
from activities.late_refunds import LateRefunds
from activities.runs import RunState
from activities.sweep_fees import MOST_SILENT, FeeSweeps
from domain.errors import WorkflowsUnreachable
from domain.sweeps import FeeSweep
from gateways.fakes.payments import FakePayments
from tests.activities.booth import Booth
from tests.gateways.households import declined, new_household


@dataclass
class SomeSilent:
    """The runs of registrations, of which some take no question."""

    silent: set[UUID]
    asked: list[UUID] = field(default_factory=list[UUID])

    async def look_at_fee(self, registration_id: UUID) -> RunState:
        self.asked.append(registration_id)
        if registration_id in self.silent:
            raise WorkflowsUnreachable("it has too many questions waiting")
        return RunState.RUNNING


def sweeps(booth: Booth, runs: SomeSilent) -> FeeSweeps:
    payments = FakePayments()
    return FeeSweeps(
        booth.records,
        runs,  # type: ignore[arg-type] - all that is asked of them here
        LateRefunds(booth.records, payments),
        LateCharges(booth.records, payments),
        SystemClock(),
    )


async def unpaid(booth: Booth, many: int) -> list[UUID]:
    households = [await new_household(booth.records) for _ in range(many)]
    return [(await household.completed(declined())).id for household in households]


async def test_one_run_that_takes_no_question_keeps_no_other_from_being_asked(
    booth: Booth,
) -> None:
    ids = await unpaid(booth, 3)
    runs = SomeSilent({ids[0]})

    report = await ActivityEnvironment().run(sweeps(booth, runs).sweep_fees, FeeSweep())

    assert sorted(runs.asked) == sorted(ids)
    assert report.asked == 2


async def test_where_nobody_answers_the_sweep_ends_and_the_next_one_begins_with_others(
    booth: Booth,
) -> None:
    ids = await unpaid(booth, MOST_SILENT + 1)
    runs = SomeSilent(set(ids))
    with pytest.raises(ApplicationError):
        await ActivityEnvironment().run(sweeps(booth, runs).sweep_fees, FeeSweep())
    runs.silent.clear()
    await ActivityEnvironment().run(sweeps(booth, runs).sweep_fees, FeeSweep())

    assert sorted(runs.asked) == sorted(ids)
