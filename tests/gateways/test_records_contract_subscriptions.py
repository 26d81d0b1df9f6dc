import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from domain.account_looks import StripeNotice, digest_of
from domain.errors import RecordMissing
from domain.grace_period import GraceCheck
from domain.subscriptions import Billed, Subscription, SubscriptionStatus, Tier
from gateways.protocols.records import Records
from tests.gateways.households import CARD, Household, card

SOON = timedelta(hours=23)


def seen(status: SubscriptionStatus = SubscriptionStatus.ACTIVE, **changes: object) -> Billed:
    """A subscription as the payment service has it."""
    now = datetime.now(UTC)
    billed = Billed(
        subscription_id=f"sub_{uuid4().hex}",
        status=status,
        created_at=now,
        current_period_end=now + timedelta(days=31),
        payment_method_id="pm_first",
    )
    return billed.model_copy(update=changes)


async def mirrored(family: Household, billed: Billed) -> Subscription:
    look = (await family.records.begin_look(family.user_id)).look
    return await family.records.mirror(family.user_id, look, billed)


async def page(family: Household, instead_of: str | None = None) -> str:
    session_id = f"cs_{uuid4().hex}"
    await family.records.save_checkout(
        family.user_id, session_id, datetime.now(UTC) + SOON, instead_of
    )
    return session_id


async def test_whoever_never_subscribed_has_a_bare_row_and_is_free(family: Household) -> None:
    bare = Subscription(user_id=family.user_id)
    assert await family.records.subscription(family.user_id) == bare
    assert (await family.records.begin_look(family.user_id)).subscription == bare


async def test_a_user_nobody_ever_saw_has_none(records: Records) -> None:
    for asking in (
        records.subscription(uuid4()),
        records.begin_look(uuid4()),
        records.mirror(uuid4(), 1, seen()),
        records.save_checkout(uuid4(), "cs_1", datetime.now(UTC), None),
        records.end_checkout(uuid4(), "cs_1", None),
    ):
        with pytest.raises(RecordMissing):
            await asking


@pytest.mark.parametrize(
    ("status", "tier"),
    [
        (SubscriptionStatus.ACTIVE, Tier.PREMIUM),
        (SubscriptionStatus.PAST_DUE, Tier.PREMIUM),
        (SubscriptionStatus.PAUSED, Tier.FREE),
        (SubscriptionStatus.CANCELLED, Tier.FREE),
    ],
)
async def test_the_row_mirrors_what_was_seen_and_the_tier_follows(
    family: Household, status: SubscriptionStatus, tier: Tier
) -> None:
    billed = seen(status, cancel_at_period_end=True)

    row = await mirrored(family, billed)

    assert row == await family.records.subscription(family.user_id)
    assert (row.status, row.tier) == (status, tier)
    assert row.model_dump() | billed.model_dump(exclude={"created_at"}) == row.model_dump()


async def test_a_later_look_is_not_undone_by_an_earlier_one(family: Household) -> None:
    earlier, later = [await family.records.begin_look(family.user_id) for _ in range(2)]
    assert earlier.look < later.look
    active = seen()
    over = active.model_copy(update={"status": SubscriptionStatus.CANCELLED})

    await family.records.mirror(family.user_id, later.look, over)
    row = await family.records.mirror(family.user_id, earlier.look, active)

    assert (row.status, row.tier) == (SubscriptionStatus.CANCELLED, Tier.FREE)


async def test_a_look_that_the_database_knows_nothing_of_writes_nothing(family: Household) -> None:
    before = await mirrored(family, seen())
    look = (await family.records.begin_look(family.user_id)).look

    assert await family.records.mirror(family.user_id, look + 1, seen()) == before

    following = seen()
    row = await family.records.mirror(family.user_id, look, following)
    assert row.subscription_id == following.subscription_id


async def test_many_looks_at_once_leave_what_the_last_one_saw(family: Household) -> None:
    looks = [(await family.records.begin_look(family.user_id)).look for _ in range(6)]
    billed = [seen(payment_method_id=f"pm_{look}") for look in looks]

    await asyncio.gather(
        *(
            family.records.mirror(family.user_id, look, one)
            for look, one in zip(looks, billed, strict=True)
        )
    )

    row = await family.records.subscription(family.user_id)
    assert row.payment_method_id == f"pm_{max(looks)}"


async def test_of_two_pages_made_at_once_the_first_one_stays(family: Household) -> None:
    first = await page(family)
    await page(family)
    assert (await family.records.subscription(family.user_id)).unsettled_page == first
    following = await page(family, instead_of=first)
    row = await family.records.subscription(family.user_id)
    assert row.unsettled_page == following
    assert row.checkout_expires_at is not None


async def test_of_a_page_that_was_paid_on_the_card_is_kept_and_the_next_is_another(
    family: Household,
) -> None:
    first = await page(family)
    for _ in range(2):
        row = await family.records.end_checkout(family.user_id, first, card("pm_paid"))
        assert (row.unsettled_page, row.checkout_session_id) == (None, first)
    assert (await family.records.profile(family.user_id)).card == card("pm_paid")
    await page(family)
    assert (await family.records.subscription(family.user_id)).unsettled_page is None
    assert await page(family, instead_of=first) != first


async def test_a_page_that_ended_unpaid_or_is_not_remembered_changes_no_card(
    family: Household,
) -> None:
    remembered = await page(family)
    await family.records.end_checkout(family.user_id, "cs_other", card("pm_other"))
    row = await family.records.end_checkout(family.user_id, remembered, None)
    assert row.unsettled_page is None
    assert (await family.records.profile(family.user_id)).card == CARD


async def test_a_card_saved_since_is_to_be_used_until_it_is(family: Household) -> None:
    await family.save_card(card("pm_before"))
    await mirrored(family, seen())
    assert (await family.records.subscription(family.user_id)).card_to_use is None
    for saved in ("pm_second", "pm_third"):
        await family.save_card(card(saved))
    await family.records.card_used(family.user_id, "pm_second")
    assert (await family.records.subscription(family.user_id)).card_to_use == "pm_third"

    await family.records.card_used(family.user_id, "pm_third")

    assert (await family.records.subscription(family.user_id)).card_to_use is None


async def test_an_ended_subscription_has_no_use_for_a_card(family: Household) -> None:
    await mirrored(family, seen())
    await family.save_card(card("pm_second"))
    over = await mirrored(family, seen(SubscriptionStatus.CANCELLED))
    assert over.card_to_use is None
    await family.save_card(card("pm_third"))
    assert (await family.records.subscription(family.user_id)).card_to_use is None


async def test_an_event_is_written_down_once_and_worked_once(family: Household) -> None:
    notice = StripeNotice(
        event_id=f"evt_{uuid4().hex}", kind="invoice.paid", customer=digest_of(family.customer_id)
    )
    for worked in (False, False):
        taken = await family.records.take_event(notice)
        assert (taken.user_id, taken.worked) == (family.user_id, worked)
    for _ in range(2):
        await family.records.event_worked(notice.event_id)
    assert (await family.records.take_event(notice)).worked


async def test_an_event_of_nobody_s_customer_concerns_nobody(records: Records) -> None:
    notice = StripeNotice(
        event_id=f"evt_{uuid4().hex}", kind="invoice.paid", customer=digest_of("cus_nobody")
    )
    assert (await records.take_event(notice)).user_id is None


async def test_whose_time_is_over_without_a_word_is_looked_at(
    family: Household, other_family: Household
) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=3)
    await mirrored(family, seen(current_period_end=long_ago))
    await other_family.records.save_checkout(other_family.user_id, "cs_old", long_ago, None)
    stale = await family.records.stale_subscriptions(GraceCheck())
    assert {family.user_id, other_family.user_id} <= set(stale)

    await mirrored(family, seen())
    await other_family.records.end_checkout(other_family.user_id, "cs_old", None)

    stale = await family.records.stale_subscriptions(GraceCheck())
    assert {family.user_id, other_family.user_id}.isdisjoint(stale)
    patient = GraceCheck(stale=timedelta(days=4))
    await mirrored(family, seen(current_period_end=long_ago))
    assert family.user_id not in await family.records.stale_subscriptions(patient)
