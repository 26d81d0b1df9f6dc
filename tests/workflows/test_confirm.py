import asyncio
from datetime import timedelta

import pytest
from temporalio.client import WorkflowFailureError

from domain.contracts import CancelOrder
from domain.identifiers import operation_key
from domain.refusals import Refused
from domain.states import RegistrationStatus
from tests.mandates import confirmed
from tests.workflows.world import World


async def test_twenty_confirms_at_once_make_one_run_one_booking_one_charge(world: World) -> None:
    draft = await world.draft()

    answers = await asyncio.gather(*(world.confirm(draft) for _ in range(20)))
    row = await world.ended(draft.registration_id)

    assert {answer.status for answer in answers} <= {
        RegistrationStatus.PENDING,
        RegistrationStatus.EXECUTING,
    }
    assert row.status is RegistrationStatus.COMPLETED
    assert len(world.provider.sends) == 1
    assert len(world.payments.sends) == 1
    assert len(await world.door.registrations.receipts(world.user)) == 1


async def test_the_same_confirm_after_the_end_gives_the_answer_from_the_row(world: World) -> None:
    draft = await world.draft()
    await world.confirm(draft)
    row = await world.ended(draft.registration_id)

    again = await world.confirm(draft)

    assert (again.status, again.receipt_code) == (RegistrationStatus.COMPLETED, row.receipt_code)
    assert len(world.provider.sends) == 1


async def test_a_confirm_after_the_opening_but_inside_the_deadline_books_at_once(
    world: World,
) -> None:
    draft = await world.draft(timedelta(minutes=5))
    await world.until(draft.scheduled_time + timedelta(minutes=30))

    await world.confirm(draft)
    async with asyncio.timeout(30):
        await world.run(draft.registration_id).result()
    row = await world.records.registration(draft.registration_id)

    assert row.status is RegistrationStatus.COMPLETED
    assert row.queue_delay_ms is not None
    assert row.queue_delay_ms >= 30 * 60 * 1000


async def test_a_confirm_past_the_late_deadline_is_refused(world: World) -> None:
    draft = await world.draft(timedelta(minutes=5))
    await world.until(draft.scheduled_time + timedelta(minutes=61))

    with pytest.raises(Refused) as refused:
        await world.confirm(draft)

    assert [reason.code for reason in refused.value.reasons] == ["lapsed"]


async def test_a_confirm_of_other_words_or_another_fee_is_refused_with_both_reasons(
    world: World,
) -> None:
    draft = await world.draft()

    with pytest.raises(Refused) as refused:
        await world.door.changes.confirm(world.user, draft.registration_id, "0" * 64, 1)

    assert {reason.code for reason in refused.value.reasons} == {"digest_mismatch", "fee_mismatch"}
    row = await world.records.registration(draft.registration_id)
    assert row.status is RegistrationStatus.DRAFT


async def test_a_confirm_refused_inside_leaves_no_run_and_can_be_made_again(world: World) -> None:
    draft = await world.draft()
    # Between the door's checks and the workflow's, another registration takes the child.
    other = await world.draft()
    confirming = world.records.confirm
    raced = False

    async def race(*args: object) -> object:
        nonlocal raced
        if not raced:
            raced = True
            await confirming(
                other.registration_id, 1, other.scheduled_time + timedelta(days=40), "race"
            )
        return await confirming(*args)  # type: ignore[arg-type]

    world.records.confirm = race  # type: ignore[method-assign]
    with pytest.raises(Refused) as refused:
        await world.confirm(draft)

    assert [reason.code for reason in refused.value.reasons] == ["already_registered"]
    with pytest.raises(WorkflowFailureError):
        await world.run(draft.registration_id).result()

    await world.records.cancel(
        CancelOrder(registration_id=other.registration_id, expected_version=2, operation_key="x")
    )
    assert (await world.confirm(draft)).status is RegistrationStatus.PENDING


async def test_a_program_that_changed_since_the_summary_is_not_confirmed_on_old_words(
    world: World,
) -> None:
    draft = await world.draft()
    found = await world.records.program("swim-club", "prod1", "event1")
    assert found is not None
    moved = found.program.starts_at + timedelta(days=7)
    await world.records.save_program(found.program.model_copy(update={"starts_at": moved}))

    with pytest.raises(Refused) as refused:
        await world.confirm(draft)

    assert [reason.code for reason in refused.value.reasons] == ["program_changed"]


async def test_an_opening_after_the_program_has_begun_is_refused_at_once(world: World) -> None:
    with pytest.raises(Refused) as drafting:
        await world.draft(timedelta(days=300))
    assert [reason.code for reason in drafting.value.reasons] == ["opens_after_start"]

    registration_id = await world.scheduled()
    late = (world.clock.outside + timedelta(days=300)).isoformat()
    with pytest.raises(Refused) as moving:
        await world.door.changes.reschedule(world.user, registration_id, late, None)
    assert [reason.code for reason in moving.value.reasons] == ["opens_after_start"]


async def test_an_organiser_that_approves_by_hand_is_refused_at_confirm(world: World) -> None:
    product = await world.provider.product("prod1")
    world.provider.add_product(product.model_copy(update={"needs_approval": True}))
    draft = await world.draft()

    with pytest.raises(Refused) as refused:
        await world.confirm(draft)

    assert [reason.code for reason in refused.value.reasons] == ["provider_blocked"]


async def test_a_pending_row_that_an_outage_left_without_its_run_gets_one_by_asking_again(
    world: World,
) -> None:
    draft = await world.draft()
    row = await world.records.registration(draft.registration_id)
    key = operation_key(row.id, f"confirm/{row.summary_digest[:16]}")
    until = draft.scheduled_time + timedelta(days=40)
    await confirmed(world.records, row, until, key)

    await world.confirm(draft)

    assert (await world.ended(draft.registration_id)).status is RegistrationStatus.COMPLETED
