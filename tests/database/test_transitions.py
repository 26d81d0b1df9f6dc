"""Every step against every state: what is allowed, and that nothing else changes anything."""

from collections.abc import Callable

import pytest

from domain.contracts import ChargeResult
from domain.registrations import Registration
from domain.states import RegistrationStatus
from tests.database import steps
from tests.database.door import Database, Door, everything_about, refused
from tests.database.family import Family
from tests.database.steps import Step


def _completed_with(fee: ChargeResult) -> Callable[[Family], Registration]:
    return lambda family: family.completed(fee)


STATES: dict[str, Callable[[Family], Registration]] = {
    "draft": Family.draft,
    "pending": Family.pending,
    "executing": Family.executing,
    "sent": Family.sent,
    "booked": Family.booked,
    "unpaid": _completed_with(steps.fee_declined()),
    "paid": _completed_with(steps.fee_paid()),
    "failed": Family.failed,
    "cancelled": Family.cancelled,
    "needs_review": Family.needs_review,
}

STEPS: dict[str, Step] = {
    "confirm": steps.confirm,
    "reschedule": steps.reschedule,
    "cancel": steps.cancel,
    "revoke": steps.revoke,
    "claim": steps.claim,
    "open_attempt": steps.open_attempt,
    "open_charge": lambda door, row: steps.open_charge(door, row, number=2),
    "complete": steps.record_completed,
    "fail": steps.record_failed,
    "hand_over": steps.record_needs_review,
    "settle_fee": steps.settle_fee,
}

ALLOWED = {
    ("draft", "confirm"): "pending",
    ("draft", "cancel"): "cancelled",
    ("pending", "reschedule"): "pending",
    ("pending", "cancel"): "cancelled",
    ("pending", "revoke"): "pending",
    ("pending", "claim"): "executing",
    ("pending", "fail"): "failed",
    ("executing", "reschedule"): "pending",
    ("executing", "cancel"): "cancelled",
    ("executing", "revoke"): "executing",
    ("executing", "open_attempt"): "executing",
    ("executing", "complete"): "completed",
    ("executing", "fail"): "failed",
    ("executing", "hand_over"): "needs_review",
    ("sent", "open_attempt"): "executing",
    ("sent", "complete"): "completed",
    ("sent", "fail"): "failed",
    ("sent", "hand_over"): "needs_review",
    ("booked", "open_attempt"): "executing",
    ("booked", "complete"): "completed",
    ("booked", "hand_over"): "needs_review",
    ("unpaid", "open_charge"): "completed",
    ("unpaid", "settle_fee"): "completed",
}
"""What happens; everything not listed is refused. `open_charge` asks for the second charge."""

VERSIONED = ("confirm", "reschedule", "cancel", "claim", "complete", "fail", "hand_over")

REFUSED = {state: [step for step in STEPS if (state, step) not in ALLOWED] for state in STATES}


@pytest.mark.parametrize(("state", "step"), ALLOWED)
def test_a_step_that_fits_the_state_moves_the_registration_and_is_audited(
    family: Family, door: Door, state: str, step: str
) -> None:
    row = STATES[state](family)
    before = len(family.trail(row))
    STEPS[step](door, row)
    assert family.now(row).status == ALLOWED[state, step]
    assert len(family.trail(row)) > before
    assert door.call("verify_audit", registration_id=row.id)["holds"]


@pytest.mark.parametrize("state", STATES)
def test_a_step_that_does_not_fit_the_state_is_refused_and_changes_nothing(
    database: Database, family: Family, door: Door, state: str
) -> None:
    row = STATES[state](family)
    before = everything_about(database, row.id)
    for step in REFUSED[state]:
        no_mandate = step == "revoke" and row.status is RegistrationStatus.DRAFT
        with refused("PT404" if no_mandate else "PT409"):
            STEPS[step](door, row)
        assert everything_about(database, row.id) == before, step


@pytest.mark.parametrize(
    ("state", "step"), [(state, step) for state, step in ALLOWED if step in VERSIONED]
)
def test_a_step_for_another_version_is_refused_and_changes_nothing(
    database: Database, family: Family, door: Door, state: str, step: str
) -> None:
    row = STATES[state](family)
    before = everything_about(database, row.id)
    with refused("PT409"):
        STEPS[step](door, row.model_copy(update={"version": row.version + 1}))
    assert everything_about(database, row.id) == before


REPEATABLE: dict[str, Callable[[Door, Registration, str], object]] = {
    "confirm": steps.confirm,
    "reschedule": steps.reschedule,
    "cancel": steps.cancel,
    "revoke": steps.revoke,
    "claim": steps.claim,
    "open_attempt": steps.open_attempt,
    "complete": steps.record_completed,
    "fail": steps.record_failed,
    "hand_over": steps.record_needs_review,
    "settle_fee": steps.settle_fee,
}


@pytest.mark.parametrize(
    ("state", "step"), [(state, step) for state, step in ALLOWED if step in REPEATABLE]
)
def test_a_step_repeated_with_its_key_gives_the_first_answer_and_changes_nothing(
    database: Database, family: Family, door: Door, state: str, step: str
) -> None:
    row = STATES[state](family)
    operation_key = steps.key(step)
    first = REPEATABLE[step](door, row, operation_key)
    after = everything_about(database, row.id)
    assert REPEATABLE[step](door, row, operation_key) == first
    assert everything_about(database, row.id) == after


def test_a_repeat_gives_the_first_answer_even_when_the_registration_moved_on(
    family: Family, door: Door
) -> None:
    row = family.draft()
    first = steps.confirm(door, row, "test/confirm/" + str(row.id))
    steps.claim(door, family.now(row))
    assert steps.confirm(door, row, "test/confirm/" + str(row.id)) == first


def test_reschedule_takes_an_executing_registration_back_once_its_markers_are_closed(
    family: Family, door: Door
) -> None:
    row = family.sent()
    steps.close_attempt(door, row, "released")
    steps.reschedule(door, row)
    assert family.now(row).status is RegistrationStatus.PENDING


def test_a_booking_stands_in_the_way_of_cancelling_even_with_every_marker_closed(
    family: Family, door: Door
) -> None:
    row = family.sent()
    steps.close_attempt(door, row, "booked")
    with refused("PT409"):
        steps.cancel(door, row)
