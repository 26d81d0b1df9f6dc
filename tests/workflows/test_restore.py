"""Bookings held back over the opening, and runs that a restore left behind their rows."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.testing import WorkflowEnvironment

from console import reconciliation
from console.reconciliation import Reckoning, Reconciliation
from console.runs import OpenRun, Runs
from domain.booking import BookingOrder
from domain.contracts import BookingFacts, ChargeResult, ClaimOrder, OutcomeOrder
from domain.errors import BookingsPaused
from domain.identifiers import external_ref, fee_key, operation_key
from domain.payments import ChargeOutcome, ChargeStatus, FrozenCharge
from domain.registrations import Registration
from domain.states import FeeStatus, RegistrationStatus
from gateways.fakes.payments import CardBehaviour
from tests.eventually import eventually
from tests.workflows.world import TIMING, World, build_world, card

HOURS = timedelta(hours=2)


class UnlistedRuns(Runs):
    """Runs over the time-skipping server, which keeps no list of them."""

    async def open(self) -> list[OpenRun]:
        return []


async def reckoned(world: World, monkeypatch: pytest.MonkeyPatch) -> Reckoning:
    monkeypatch.setattr(reconciliation, "LISTED_AFTER", timedelta())
    door = world.door
    return await Reconciliation(
        world.records,
        world.gateways.providers,
        door.changes,
        UnlistedRuns(world.client),
        lambda _: None,
        world.clock,
        dry_run=False,
    ).done()


async def without_its_run(world: World) -> UUID:
    registration_id = await world.scheduled()
    # The server skips no time while an activity is out, be it of a run that is gone.
    await eventually(lambda: bool(world.mail.letters))
    async with asyncio.timeout(30):
        while not await nothing_is_out(world, registration_id):  # noqa: ASYNC110 - on the server
            await asyncio.sleep(0.05)
    await world.run(registration_id).terminate()
    return registration_id


TASKS = (
    (
        EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
        EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
    ),
    (
        EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
        EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
    ),
)


async def nothing_is_out(world: World, registration_id: UUID) -> bool:
    """Whether the server has the answer of every activity and every workflow task of the run."""
    events = world.run(registration_id).fetch_history_events()
    kinds = [event.event_type async for event in events]
    return all(kinds.count(begun) == kinds.count(done) for begun, done in TASKS)


async def booked_by_the_lost_service(world: World, registration_id: UUID) -> str:
    """The place booked and the fee charged, to a card that the backup does not know."""
    dossier = await world.records.dossier(registration_id)
    row, category = dossier.registration, dossier.program.people_category
    assert dossier.guardian is not None
    assert dossier.stripe_customer_id is not None
    people = await world.provider.people(dossier.guardian, dossier.children, category)
    world.event.opens_at = world.clock.outside
    made = await world.provider.book(
        BookingOrder(
            reference=external_ref(row.id),
            product_id=row.program_ref,
            event_id=row.event_id,
            event_start=dossier.program.starts_at,
            people_category=category,
            people=people,
        )
    )
    world.payments.save_card(card(2), CardBehaviour.PAYS)
    await world.payments.charge(
        FrozenCharge(
            registration_id=row.id,
            number=1,
            idempotency_key=fee_key(row.id, 1),
            amount=row.fee,
            customer_id=dossier.stripe_customer_id,
            payment_method_id=card(2).payment_method_id,
            first_sent_at=world.clock.outside,
        )
    )
    return made.booking.booking_number


async def completed_by_the_lost_service(world: World, registration_id: UUID) -> Registration:
    """The row as the run's own steps left it, which the run in the older copy knows nothing of."""
    records, row = world.records, await world.records.registration(registration_id)
    key = operation_key(row.id, "claim", row.version)
    claim = await records.claim(
        ClaimOrder(registration_id=row.id, expected_version=row.version, operation_key=key)
    )
    await records.open_attempt(row.id, claim.send_at, "attempt/lost")
    number = await booked_by_the_lost_service(world, row.id)
    await records.open_charge(row.id, 1, 1, number, "charge/lost")
    outcome = ChargeOutcome(number=1, status=ChargeStatus.SUCCEEDED, payment_intent_id="pi_1")
    await records.record_outcome(
        OutcomeOrder(
            registration_id=row.id,
            expected_version=claim.standing.version,
            operation_key=operation_key(row.id, "outcome", 1),
            status=RegistrationStatus.COMPLETED,
            booking=BookingFacts(
                booking_number=number,
                first_request_at=claim.send_at,
                lateness_ms=0,
                queue_delay_ms=0,
                attempts=1,
            ),
            fence=1,
            charge=ChargeResult(fee_status=FeeStatus.PAID, outcome=outcome),
        )
    )
    return await records.registration(row.id)


async def test_paused_over_its_opening_it_is_booked_once_bookings_run_again(world: World) -> None:
    registration_id = await world.scheduled()
    await world.records.pause_bookings("a brake")
    refusals = _counted_refusals(world)
    await world.until_opening(registration_id)
    await eventually(lambda: len(refusals) > 1)
    await world.records.resume_bookings()

    row = await world.ended(registration_id)

    assert (row.status, row.fee_status) == (RegistrationStatus.COMPLETED, FeeStatus.PAID)
    assert len(world.provider.sends) == 1


async def test_what_was_booked_and_charged_after_the_backup_is_adopted_however_late(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    registration_id = await without_its_run(world)
    await world.until_opening(registration_id)
    number = await booked_by_the_lost_service(world, registration_id)
    opening = world.clock.outside
    await world.until(opening + HOURS)
    await world.records.pause_bookings("restored", opening - HOURS)

    reckoning = await reckoned(world, monkeypatch)
    row = await world.ended(registration_id)

    assert reckoning.to_look_up == reckoning.runs_started == (row.code,)
    assert (row.status, row.fee_status) == (RegistrationStatus.COMPLETED, FeeStatus.PAID)
    assert (row.booking_number, row.receipt_code is not None) == (number, True)
    assert len(world.provider.sends) == len(world.payments.sends) == 1
    assert len(world.payments.taken(registration_id)) == 1


async def test_what_nobody_booked_before_its_window_passed_is_told_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    registration_id = await without_its_run(world)
    await world.until_opening(registration_id)
    opening = world.clock.outside
    await world.until(opening + HOURS)
    await world.records.pause_bookings("restored", opening - HOURS)

    await reckoned(world, monkeypatch)
    row = await world.ended(registration_id)

    assert (row.status, row.failure_code) == (RegistrationStatus.FAILED, "missed_window")
    assert world.provider.sends == []


async def test_a_run_older_than_its_row_ends_as_the_row_did_and_sends_nothing(
    env: WorkflowEnvironment,
) -> None:
    soon_over = TIMING.model_copy(update={"late_deadline": timedelta(seconds=3)})
    world = await build_world(env, soon_over)
    async with world.served():
        registration_id = await world.scheduled()
        left = await completed_by_the_lost_service(world, registration_id)

        row = await world.ended(registration_id)

        standing = await world.run(registration_id).result()
    assert row == left
    assert standing.audit_head == left.audit_head
    assert len(world.provider.sends) == len(world.payments.sends) == 1


async def test_a_run_that_is_apart_from_its_row_is_started_anew_where_the_row_stands(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    registration_id = await world.scheduled()
    old = await world.run(registration_id).describe()
    row = world.records.rows[registration_id]
    world.records.rows[registration_id] = row.model_copy(update={"version": row.version + 1})
    await world.records.pause_bookings("restored", world.clock.outside)

    reckoning = await reckoned(world, monkeypatch)

    assert (reckoning.runs_started, reckoning.runs_replaced) == ((), (row.code,))
    assert (await world.run(registration_id).describe()).run_id != old.run_id
    assert (await world.ended(registration_id)).status is RegistrationStatus.COMPLETED
    assert len(world.provider.sends) == 1


def _counted_refusals(world: World) -> list[BookingsPaused]:
    """The claims that were told to wait."""
    real, refusals = world.records.claim, list[BookingsPaused]()

    async def counting(order: ClaimOrder) -> object:
        try:
            return await real(order)
        except BookingsPaused as paused:
            refusals.append(paused)
            raise

    setattr(world.records, "claim", counting)  # noqa: B010 - the fake's own type forbids it
    return refusals
