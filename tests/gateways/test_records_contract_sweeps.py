"""What has to have a workflow, and what has to be paid."""

from datetime import UTC, datetime, timedelta

from domain.alerts import AlertKind, NewAlert, alert_key
from domain.payments import NEVER_MADE, ChargeOutcome, ChargeStatus
from domain.refunds import RefundOutcome, RefundStatus
from domain.registrations import Registration
from domain.states import FeeStatus, RegistrationStatus
from domain.sweeps import FeeSweep, OpenFee, RunSweep, RunToCheck
from gateways.protocols.records import Records
from tests.gateways.households import OPENS_IN, Household, declined, failure, key, paid
from tests.gateways.test_records_contract_cancellations import cancelled, without_booking

AT_ONCE = timedelta()


def runs(**changes: object) -> RunSweep:
    return RunSweep.model_validate({"age": AT_ONCE, "limit": 10_000, **changes})


def fees(**changes: object) -> FeeSweep:
    return FeeSweep.model_validate({"limit": 10_000, **changes})


async def check(records: Records, sweep: RunSweep, row: Registration) -> list[RunToCheck]:
    found = await records.runs_to_check(sweep)
    return [run for run in found if run.registration_id == row.id]


async def test_a_run_is_asked_after_once_until_its_time_comes_again(
    records: Records, family: Household
) -> None:
    row = await family.pending()
    assert await check(records, runs(age=timedelta(minutes=2)), row) == []

    (found,) = await check(records, runs(), row)

    assert (found.code, found.status) == (row.code, RegistrationStatus.PENDING)
    assert found.scheduled_time == row.scheduled_time
    assert (found.alerted, found.lost) == (False, 0)
    await records.note_runs_checked([row.id])
    assert await check(records, runs(), row) == []
    assert len(await check(records, runs(far_every=AT_ONCE), row)) == 1


async def test_how_often_follows_from_how_near_the_opening_is(
    records: Records, family: Household
) -> None:
    row = await family.executing()
    await records.note_runs_checked([row.id])
    to_go = OPENS_IN
    far = runs(far_every=AT_ONCE, near_every=OPENS_IN, late_every=OPENS_IN)
    near = runs(near=to_go * 2, near_every=AT_ONCE, far_every=OPENS_IN, late_every=OPENS_IN)
    at_the_opening = runs(
        near=to_go * 2,
        away_from_opening=to_go * 2,
        far_every=AT_ONCE,
        near_every=AT_ONCE,
        late_every=AT_ONCE,
    )
    assert len(await check(records, far, row)) == 1
    assert len(await check(records, near, row)) == 1
    assert await check(records, at_the_opening, row) == []


async def test_past_its_opening_it_is_asked_after_again_and_again(
    records: Records, family: Household
) -> None:
    row = await family.pending(scheduled_time=datetime.now(UTC) - timedelta(minutes=3))
    assert len(await check(records, runs(), row)) == 1
    await records.note_runs_checked([row.id])
    assert await check(records, runs(), row) == []
    assert len(await check(records, runs(late_every=AT_ONCE), row)) == 1


async def test_nobody_asks_after_what_has_ended_or_never_began(
    records: Records, family: Household, other_family: Household
) -> None:
    draft, row = await family.draft(), await other_family.sent()
    await records.record_outcome(failure(row))
    assert await check(records, runs(), draft) == []
    assert await check(records, runs(), row) == []


async def test_a_lost_run_is_known_by_its_alerts(records: Records, family: Household) -> None:
    row = await family.pending()
    told = NewAlert(
        key=alert_key(AlertKind.RUN_MISSING, row.id),
        kind=AlertKind.RUN_MISSING,
        registration_id=row.id,
        sentence="It had no workflow.",
    )
    for _ in range(2):
        await records.raise_alert(told)
    (found,) = await check(records, runs(), row)
    assert (found.alerted, found.lost) == (True, 1)
    await records.settle_alert(told.key)
    (found,) = await check(records, runs(), row)
    assert (found.alerted, found.lost) == (False, 1)


async def test_those_never_asked_after_come_first(
    records: Records, family: Household, other_family: Household
) -> None:
    first, second = await family.pending(), await other_family.pending()
    await records.note_runs_checked([first.id])
    found = [
        run.registration_id
        for run in await records.runs_to_check(runs(far_every=AT_ONCE))
        if run.registration_id in {first.id, second.id}
    ]
    assert found == [second.id, first.id]
    assert len(await records.runs_to_check(runs(limit=1))) == 1


async def due(records: Records, sweep: FeeSweep, row: Registration) -> list[OpenFee]:
    found = (await records.open_fees(sweep)).due
    return [fee for fee in found if fee.registration_id == row.id]


async def test_a_due_fee_is_looked_at_until_it_is_paid(
    records: Records, family: Household, other_family: Household
) -> None:
    row, theirs = await family.completed(declined()), await other_family.completed(paid())

    (found,) = await due(records, fees(), row)

    assert (found.code, found.fee_status) == (row.code, FeeStatus.DUE)
    assert abs(found.since - datetime.now(UTC)) < timedelta(minutes=1)
    assert await due(records, fees(), theirs) == []
    await records.note_fees_asked([row.id])
    assert await due(records, fees(), row) == []


async def test_a_fresh_fee_is_looked_at_more_often_than_an_old_one(
    records: Records, family: Household
) -> None:
    row = await family.completed(declined())
    await records.note_fees_asked([row.id])
    assert len(await due(records, fees(young_every=AT_ONCE), row)) == 1
    assert await due(records, fees(every=AT_ONCE), row) == []
    assert len(await due(records, fees(every=AT_ONCE, young=AT_ONCE), row)) == 1


async def test_a_charge_without_an_answer_is_seen_after_its_time(
    records: Records, family: Household
) -> None:
    row = await family.sent()
    await family.charge(row)

    async def undecided(sweep: FeeSweep) -> list[str]:
        found = (await records.open_fees(sweep)).undecided
        return [fee.code for fee in found if fee.registration_id == row.id]

    assert await undecided(fees()) == []
    assert await undecided(fees(undecided=AT_ONCE)) == [row.code]


async def test_a_charge_closed_as_never_made_is_watched_for_a_while(
    records: Records, family: Household
) -> None:
    row = await family.sent()
    frozen = await family.charge(row)
    assert frozen is not None

    async def unmade(**changes: object) -> list[str]:
        found = (await records.open_fees(fees(**changes))).unmade
        return [fee.code for fee in found if fee.registration_id == row.id]

    assert await unmade(undecided=AT_ONCE) == []
    outcome = ChargeOutcome(number=1, status=ChargeStatus.DECLINED, decline_code=NEVER_MADE)
    await records.close_charge(row.id, outcome, key("close"))
    assert await unmade() == []
    assert await unmade(undecided=AT_ONCE) == [row.code]
    assert await unmade(undecided=AT_ONCE, unmade_watched=AT_ONCE) == []


async def test_a_refund_that_the_bank_has_not_confirmed_is_seen_until_it_ends(
    records: Records, family: Household
) -> None:
    row = await without_booking(family, paid())
    await records.open_refund(row.id, key("refund"))
    pending = RefundOutcome(status=RefundStatus.PENDING, refund_id="re_1")
    await records.settle_refund(row.id, pending, key("refund"))

    async def unconfirmed(**changes: object) -> list[str]:
        found = (await records.open_fees(fees(**changes))).refunds
        return [fee.code for fee in found if fee.registration_id == row.id]

    assert await unconfirmed(refund_pending=AT_ONCE) == [], "its cancellation still has it"
    await records.finish_cancellation(cancelled(row))
    assert await unconfirmed() == []
    assert await unconfirmed(refund_pending=AT_ONCE) == [row.code]
    await records.note_fees_asked([row.id])
    assert await unconfirmed(refund_pending=AT_ONCE) == []
    assert await unconfirmed(refund_pending=AT_ONCE, every=AT_ONCE) == [row.code]
    ended = pending.model_copy(update={"status": RefundStatus.SUCCEEDED})
    await records.settle_refund(row.id, ended, key("late-refund"))
    assert await unconfirmed(refund_pending=AT_ONCE, every=AT_ONCE) == []


async def test_every_completed_registration_has_its_receipt(
    records: Records, family: Household
) -> None:
    row = await family.completed(paid())
    found = (await records.open_fees(fees())).without_receipt
    assert row.id not in {fee.registration_id for fee in found}
