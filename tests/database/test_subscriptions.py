"""Subscriptions where only the real database can tell: tiers, locks and refusals."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from sandbox.probe import wait_until
from tests.database.door import CONCLUSION_SECONDS, Database, Door, refused
from tests.database.family import Family, new_family

WAITING = (
    "select 1 from pg_stat_activity where wait_event_type = 'Lock'"
    " and position('mirror_subscription' in query) > 0"
)


def tier(database: Database, family: Family) -> str:
    ((kept,),) = database.rows(
        "select subscription_tier from public.user_profiles where user_id = %s", family.user_id
    )
    return kept


@pytest.mark.parametrize(
    ("status", "kept"),
    [("active", "premium"), ("past_due", "premium"), ("paused", "free"), ("cancelled", "free")],
)
def test_the_profile_s_tier_follows_the_row_s(
    database: Database, family: Family, status: str, kept: str
) -> None:
    assert tier(database, family) == "free"
    family.subscribed()
    assert family.subscribed(status)["tier"] == kept
    assert tier(database, family) == kept


def test_a_subscription_of_another_account_is_not_written_here(door: Door, family: Family) -> None:
    family.subscribed()
    with refused("PT422", "invalid_subscription"):
        new_family(door).subscribed(subscription_id=f"sub_{family.user_id.hex}")


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "premium"},
        {"status": "none"},
        {"subscription_id": None},
        {"current_period_end": "soon"},
        {"cancel_at_period_end": "perhaps"},
    ],
    ids=str,
)
def test_values_that_make_no_sense_are_refused(family: Family, changes: dict[str, Any]) -> None:
    with refused("PT422", "invalid_subscription"):
        family.subscribed(**changes)


def test_who_looks_takes_the_profile_before_the_subscription_as_who_saves_a_card_does(
    database: Database, family: Family
) -> None:
    family.subscribed()
    look: int = family.door.call("begin_look", user_id=family.user_id)["look"]
    billed = {
        "subscription_id": f"sub_{family.user_id.hex}",
        "status": "active",
        "cancel_at_period_end": False,
    }
    mine = "where user_id = %s for no key update"
    with ThreadPoolExecutor(1) as threads:
        with database.session("postgres") as saving:
            saving.run(f"select from public.user_profiles {mine}", family.user_id)
            looking = threads.submit(
                family.door.call,
                "mirror_subscription",
                user_id=family.user_id,
                look=look,
                billed=billed,
            )
            assert wait_until(lambda: bool(database.rows(WAITING)), CONCLUSION_SECONDS)
            # Had the look taken this one first, both would wait for each other.
            saving.run(f"select from public.subscriptions {mine} nowait", family.user_id)
        looking.result(CONCLUSION_SECONDS)


def test_a_user_reads_their_own_subscription_and_none_of_stripe_s_ids(
    database: Database, door: Door, family: Family
) -> None:
    family.subscribed()
    new_family(door).subscribed()
    with database.session("authenticated", family.claims) as rows:
        seen = rows.run("select user_id, status, tier from public.subscriptions")
        assert seen == [(family.user_id, "active", "premium")]
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege),
        database.session("authenticated", family.claims) as rows,
    ):
        rows.run("select subscription_id from public.subscriptions")
