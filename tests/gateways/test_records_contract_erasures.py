"""The wish to be deleted and the deletion, by the fake as by the database."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from domain.contracts import ChargeResult, RescheduleOrder
from domain.erasures import ERASED_WORDS, Erasure, ErasureLetter, Hindrance
from domain.errors import Conflict, RecordMissing, RecordRejected
from domain.family import NewChild, Payer
from domain.payments import ChargeOutcome, ChargeStatus
from domain.refusals import Reason
from domain.registrations import Registration
from domain.states import FeeStatus, RegistrationStatus
from gateways.protocols.records import Records
from tests.gateways.households import (
    GUARDIAN,
    OPENS_IN,
    Household,
    card,
    declined,
    key,
    looked,
    new_household,
    paid,
    review,
    some_program,
)

MONTH = timedelta(days=30)
AT_ONCE = timedelta()


def approval_asked() -> ChargeResult:
    """The bank wants the parent to approve it."""
    outcome = ChargeOutcome(
        number=1,
        status=ChargeStatus.REQUIRES_ACTION,
        payment_intent_id=f"pi_{uuid4().hex}",
        decline_code="authentication_required",
    )
    return ChargeResult(fee_status=FeeStatus.REQUIRES_ACTION, outcome=outcome)


async def hindered_by(family: Household) -> list[Hindrance]:
    case = await family.records.erasure_case(family.user_id)
    return [one.because for one in case.waits_for]


async def begun(family: Household) -> Erasure:
    await family.records.ask_erasure(family.user_id, AT_ONCE)
    return await family.records.begin_erasure(family.user_id)


async def test_a_wish_stands_until_it_is_withdrawn_and_may_be_made_again(
    family: Household,
) -> None:
    records, user = family.records, family.user_id
    assert (await records.erasure_case(user)).erasure is None
    with pytest.raises(RecordMissing):
        await records.withdraw_erasure(user)

    wish = await records.ask_erasure(user, MONTH)
    await records.note_erasure_told(user, ErasureLetter.ASKED)
    again = await records.ask_erasure(user, AT_ONCE)
    kept = await records.withdraw_erasure(user)
    renewed = await records.ask_erasure(user, MONTH)

    assert wish.due_at - wish.asked_at == MONTH
    assert wish.open
    assert (again.asked_at, again.due_at) == (wish.asked_at, wish.due_at)
    assert again.asked_told_at is not None
    assert kept.withdrawn_at is not None
    assert not kept.open
    assert (await records.withdraw_erasure(user)).withdrawn_at is not None
    assert renewed.asked_at > wish.asked_at
    assert renewed.asked_told_at is None


async def test_nobody_unknown_asks(records: Records) -> None:
    for refused in (records.erasure_case, records.withdraw_erasure, records.begin_erasure):
        with pytest.raises(RecordMissing):
            await refused(uuid4())
    with pytest.raises(RecordMissing):
        await records.ask_erasure(uuid4(), MONTH)


async def test_what_is_confirmed_goes_on_and_nothing_new_is_planned(family: Household) -> None:
    records = family.records
    other = await records.save_program(some_program(family.program.org_ref, event_id="E2"))
    draft = await family.draft(program_id=other.id)
    row = await family.pending()
    wish = await records.ask_erasure(family.user_id, MONTH)

    with pytest.raises(RecordRejected) as refused:
        await family.draft()
    assert refused.value.code == "deletion_asked"
    with pytest.raises(RecordRejected) as refused:
        await family.confirm(draft)
    assert refused.value.code == "deletion_asked"
    with pytest.raises(RecordRejected) as refused:
        await _moved(records, row, wish.due_at + timedelta(hours=1))
    assert refused.value.code == "deletion_asked"
    await _moved(records, row, wish.due_at - timedelta(hours=1))

    await records.withdraw_erasure(family.user_id)
    await family.confirm(draft)


async def _moved(records: Records, row: Registration, to: datetime) -> None:
    await records.reschedule(
        RescheduleOrder(
            registration_id=row.id,
            expected_version=row.version,
            operation_key=key("move"),
            scheduled_time=to,
            time_zone="America/New_York",
        )
    )


async def test_a_wish_is_not_taken_while_a_registration_opens_later(family: Household) -> None:
    row = await family.pending()

    case = await family.records.erasure_case(family.user_id)
    with pytest.raises(Conflict):
        await family.records.ask_erasure(family.user_id, OPENS_IN - timedelta(minutes=5))

    assert [one.code for one in case.opening_after(datetime.now(UTC))] == [row.code]
    assert case.opening_after(row.scheduled_time) == ()
    assert (await family.records.erasure_case(family.user_id)).erasure is None
    await family.records.ask_erasure(family.user_id, OPENS_IN + timedelta(minutes=5))


async def test_accounts_are_due_once_their_time_has_come(
    family: Household, other_family: Household
) -> None:
    records = family.records
    wish = await records.ask_erasure(family.user_id, AT_ONCE)
    later = await records.ask_erasure(other_family.user_id, MONTH)

    assert family.user_id in await records.due_erasures(wish.due_at, 10_000)
    assert family.user_id not in await records.due_erasures(
        wish.due_at - timedelta(seconds=1), 10_000
    )
    assert other_family.user_id not in await records.due_erasures(wish.due_at, 10_000)
    assert other_family.user_id in await records.due_erasures(later.due_at, 10_000)
    await records.withdraw_erasure(family.user_id)
    assert family.user_id not in await records.due_erasures(wish.due_at, 10_000)
    with pytest.raises(Conflict):
        await records.begin_erasure(family.user_id)
    with pytest.raises(Conflict):
        await records.begin_erasure(other_family.user_id)


async def test_what_is_under_way_comes_first(family: Household) -> None:
    row = await family.pending()
    assert await hindered_by(family) == [Hindrance.UNDER_WAY]
    claimed = await family.claim(row)
    await family.records.open_attempt(row.id, row.scheduled_time, key("attempt"))
    now = row.model_copy(update={"version": claimed.standing.version})

    await family.records.record_outcome(review(now))

    assert await hindered_by(family) == [Hindrance.UNDER_REVIEW]
    await family.records.ask_erasure(family.user_id, AT_ONCE)
    with pytest.raises(Conflict):
        await family.records.begin_erasure(family.user_id)


@pytest.mark.parametrize(
    ("fee", "because"),
    [
        (declined(), Hindrance.FEE_DUE),
        (approval_asked(), Hindrance.CHARGE_UNDECIDED),
        (paid(), Hindrance.LOOKED_AT_AGAIN),
    ],
    ids=["declined", "approval asked", "paid"],
)
async def test_money_and_bookings_that_may_still_come_to_light_come_first(
    family: Household, fee: ChargeResult, because: Hindrance
) -> None:
    row = await family.completed(fee)
    assert await hindered_by(family) == [because]
    await family.records.ask_erasure(family.user_id, AT_ONCE)
    with pytest.raises(Conflict):
        await family.records.begin_erasure(family.user_id)
    if because is Hindrance.LOOKED_AT_AGAIN:
        await looked(family.records, row)
        assert await hindered_by(family) == []
        assert (await family.records.begin_erasure(family.user_id)).began_at is not None


async def test_from_the_beginning_on_nobody_gets_in(records: Records) -> None:
    family = await new_household(records)
    row = await family.draft()
    subject = f"auth0|{uuid4()}"
    mine = await records.user_for("https://issuer.example/", subject)
    await records.ask_erasure(mine, AT_ONCE)
    await begun(family)

    once = await records.begin_erasure(mine)
    again = await records.begin_erasure(mine)

    assert once == again
    assert await records.user_for("https://issuer.example/", subject) != mine
    child = NewChild(first_name="Cleo", last_name="O'Brien", birth_date=date(2021, 3, 4))
    with pytest.raises(RecordMissing):
        await records.add_child(family.user_id, child, family.child_ids)
    with pytest.raises(RecordMissing):
        await records.save_guardian(family.user_id, GUARDIAN)
    with pytest.raises(RecordMissing):
        await family.save_card(card("pm_new"))
    with pytest.raises(RecordMissing):
        await family.draft()
    with pytest.raises(RecordMissing):
        await family.confirm(row)
    with pytest.raises(RecordMissing):
        await records.withdraw_erasure(family.user_id)
    with pytest.raises(RecordMissing):
        await records.ask_erasure(family.user_id, MONTH)


async def test_the_rows_go_and_receipts_stay_under_ids(family: Household) -> None:
    records = family.records
    done = await family.completed(paid())
    await looked(records, done)
    draft = await family.draft()
    await begun(family)
    with pytest.raises(Conflict):
        await records.finish_erasure(family.user_id)

    erased = await records.erase_rows(family.user_id)

    assert (await records.profile(family.user_id)).guardian == GUARDIAN
    assert await records.children(family.user_id) == []
    assert await records.payer(family.user_id) == Payer(user_id=family.user_id)
    dossier = await records.dossier(done.id)
    assert records.words(dossier.registration) == ERASED_WORDS
    assert (dossier.children, len(dossier.child_ids)) == ((), 2)
    assert dossier.mandate is not None
    assert await records.unsent(done.id) == []
    (receipt,) = await records.receipts(family.user_id, 10)
    (charge,) = await records.charges_of(done.id)
    assert receipt.success_fee_cents == charge.charge.amount.amount_cents == 2_000
    assert (await records.registration(draft.id)).status is RegistrationStatus.CANCELLED
    for row in (done, draft):
        assert (await records.verify_audit(row.id)).holds
    assert await records.erase_rows(family.user_id) == erased

    await records.note_erasure_told(family.user_id, ErasureLetter.ERASED)
    finished = await records.finish_erasure(family.user_id)

    assert (await records.profile(family.user_id)).guardian is None
    assert finished.erased_at is not None
    assert finished.erased_told_at is not None
    assert await records.finish_erasure(family.user_id) == finished
    assert family.user_id not in await records.due_erasures(finished.erased_at, 10_000)


async def test_who_is_erased_is_written_to_no_more(family: Household) -> None:
    done = await family.completed(paid())
    await looked(family.records, done)
    await begun(family)
    await family.records.erase_rows(family.user_id)

    await family.records.note_problems(
        done.id, (Reason(code="x", sentence="Something."),), key("problem")
    )

    assert await family.records.unsent(done.id) == []
