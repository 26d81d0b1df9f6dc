import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from domain.errors import RecordMissing
from domain.grace_period import GraceCheck
from domain.payment_recovery import Ending, LetterClaim, LetterKind, LetterOrder, Recovery
from tests.gateways.households import Household

LASTS = timedelta(minutes=5)
NONE_LEFT = timedelta()


def recovery(user_id: UUID, ends_in: timedelta = timedelta(days=30)) -> Recovery:
    now = datetime.now(UTC)
    return Recovery(
        invoice_id=f"in_{uuid4().hex}",
        user_id=user_id,
        owed_since=now,
        grace_ends_at=now + ends_in,
    )


def letter(family: Household, kind: LetterKind = LetterKind.DOWNGRADED) -> LetterOrder:
    return LetterOrder(user_id=family.user_id, invoice_id=f"in_{uuid4().hex}", letter=kind)


async def test_the_first_grace_stays_and_is_seen_on_the_subscription(family: Household) -> None:
    first = recovery(family.user_id)
    assert await family.records.open_recovery(first) == first
    longer = first.model_copy(update={"grace_ends_at": first.grace_ends_at + timedelta(days=9)})

    assert await family.records.open_recovery(longer) == first

    assert await family.records.recovery(first.invoice_id) == first
    row = await family.records.subscription(family.user_id)
    assert row.grace_ends_at == first.grace_ends_at
    sooner = recovery(family.user_id, timedelta(days=2))
    await family.records.open_recovery(sooner)
    row = await family.records.subscription(family.user_id)
    assert row.grace_ends_at == sooner.grace_ends_at


async def test_an_account_s_open_recoveries_are_its_own(
    family: Household, other_family: Household
) -> None:
    mine = [recovery(family.user_id) for _ in range(2)]
    for one in (*mine, recovery(other_family.user_id)):
        await family.records.open_recovery(one)

    assert await family.records.open_recoveries(family.user_id) == tuple(mine)
    await family.records.end_recovery(mine[0].invoice_id, Ending.PAID)
    assert await family.records.open_recoveries(family.user_id) == (mine[1],)
    of_both = await family.records.recoveries_of(family.user_id)
    assert [one.invoice_id for one in of_both] == [one.invoice_id for one in mine]


async def test_the_first_ending_stays(family: Household) -> None:
    opened = await family.records.open_recovery(recovery(family.user_id))
    for ending in (Ending.PAID, Ending.DOWNGRADED):
        await family.records.end_recovery(opened.invoice_id, ending)

    ended = await family.records.recovery(opened.invoice_id)

    assert ended is not None
    assert ended.ending is Ending.PAID
    assert ended.ended_at is not None
    assert await family.records.open_recoveries(family.user_id) == ()
    assert (await family.records.subscription(family.user_id)).grace_ends_at is None
    again = await family.records.open_recovery(opened)
    assert again.ending is Ending.PAID


async def test_what_ended_because_nobody_wanted_it_is_opened_again_with_its_grace(
    family: Household,
) -> None:
    opened = await family.records.open_recovery(recovery(family.user_id))
    await family.records.end_recovery(opened.invoice_id, Ending.CANCELLED)

    assert await family.records.open_recovery(recovery_of(opened)) == opened
    assert await family.records.open_recoveries(family.user_id) == (opened,)


def recovery_of(opened: Recovery) -> Recovery:
    """The same invoice, looked at later."""
    later = opened.grace_ends_at + timedelta(days=7)
    return opened.model_copy(update={"grace_ends_at": later})


async def test_what_was_never_opened_has_no_end(family: Household) -> None:
    await family.records.end_recovery("in_nobody", Ending.PAID)
    assert await family.records.recovery("in_nobody") is None


async def test_a_recovery_and_a_letter_need_a_user(family: Household) -> None:
    nobody = uuid4()
    order = letter(family).model_copy(update={"user_id": nobody})
    for asking in (
        family.records.open_recovery(recovery(nobody)),
        family.records.claim_letter(order, "one", LASTS),
    ):
        with pytest.raises(RecordMissing):
            await asking


async def test_a_grace_that_was_over_at_a_nominal_time_and_has_not_ended_is_handed_out(
    family: Household,
) -> None:
    check = GraceCheck(due=datetime.now(UTC) - timedelta(minutes=30))
    long_over, just_over, to_come = [
        await family.records.open_recovery(recovery(family.user_id, ends_in))
        for ends_in in (-timedelta(hours=2), -timedelta(minutes=2), timedelta(days=1))
    ]

    overdue = await family.records.overdue_recoveries(check)

    assert long_over in overdue
    assert just_over not in overdue
    assert just_over in await family.records.overdue_recoveries(GraceCheck())
    assert to_come not in overdue
    await family.records.end_recovery(long_over.invoice_id, Ending.DOWNGRADED)
    assert long_over not in await family.records.overdue_recoveries(check)


async def test_a_letter_is_one_holder_s_until_it_is_done(family: Household) -> None:
    order = letter(family)
    claims = await asyncio.gather(
        *(family.records.claim_letter(order, f"holder-{n}", LASTS) for n in range(4))
    )
    assert sorted(claims) == [LetterClaim.ANOTHERS] * 3 + [LetterClaim.OURS]
    holder = f"holder-{claims.index(LetterClaim.OURS)}"
    assert await family.records.claim_letter(order, holder, LASTS) is LetterClaim.OURS

    for _ in range(2):
        await family.records.letter_done(order, sent=True)

    for who in (holder, "somebody else"):
        assert await family.records.claim_letter(order, who, NONE_LEFT) is LetterClaim.DONE


async def test_a_claim_whose_time_is_over_is_anybody_s(family: Household) -> None:
    order = letter(family)
    await family.records.claim_letter(order, "one", LASTS)
    assert await family.records.claim_letter(order, "two", NONE_LEFT) is LetterClaim.OURS
    assert await family.records.claim_letter(order, "one", LASTS) is LetterClaim.ANOTHERS


async def test_each_kind_of_letter_about_an_invoice_is_a_letter_of_its_own(
    family: Household,
) -> None:
    order = letter(family)
    for kind in LetterKind:
        other = order.model_copy(update={"letter": kind})
        assert await family.records.claim_letter(other, "one", LASTS) is LetterClaim.OURS
        await family.records.letter_done(other, sent=False)
        assert await family.records.claim_letter(other, "one", LASTS) is LetterClaim.DONE
