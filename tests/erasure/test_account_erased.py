"""Accounts erased over the real servers: marks gone everywhere, the books as they were."""

import asyncio

import httpx
from temporalio.api.enums.v1 import EventType

from console.kept_heads import payloads_of
from domain.identifiers import review_workflow_id
from tests.database.erasing import GONE
from tests.erasure.conftest import World
from tests.erasure.lives import ISSUER, NOBODYS_QUEUE, Life, tables_naming
from tests.erasure.remains import books, remains
from tests.erasure.striking import Striking
from workflows.entities import entity_id

STEPS = (
    *("look_at_erasure", "begin_erasure", "log_erasure", "forget_at_organisers"),
    *("forget_customer", "forget_histories", "erase_rows", "tell_erased", "finish_erasure"),
)
NIGHTS = 3


async def names_left(world: World, life: Life) -> set[str]:
    """Where anything of the family is still written down."""
    places = tables_naming(world.database_url, life.mark)
    env = world.stack.env
    async with httpx.AsyncClient(trust_env=False) as asking:
        keys = {
            "X-Bookeo-apiKey": env["BOOKEO_API_KEY"],
            "X-Bookeo-secretKey": env["BOOKEO_SECRET_KEY"],
        }
        query = {"searchField": "emailAddress", "searchText": life.mark}
        known = await asking.get(f"{env['BOOKEO_API_BASE']}/customers", params=query, headers=keys)
        places |= {"organiser"} if life.mark in known.text else set()
        asked = await asking.get(
            f"{env['STRIPE_API_BASE']}/v1/customers/{life.household.customer_id}",
            auth=(env["STRIPE_SECRET_KEY"], ""),
        )
        places |= set() if asked.json().get("deleted") else {"payment service"}
    named = ", ".join(f"'{one}'" for one in life.workflow_ids)
    listed = world.temporal.list_workflows(f"WorkflowId IN ({named})")
    places |= {f"history {run.id}" async for run in listed}
    return places


def letters(world: World, life: Life) -> list[str]:
    """What the parent got, each letter once."""
    asked = httpx.get(
        f"{world.stack.env['MAIL_CATCHER_URL']}/mails", params={"to": life.guardian.email}
    )
    found = {mail["message_id"]: mail["subject"] for mail in asked.json()}
    return list(found.values())


async def test_killed_after_any_step_it_ends_as_if_it_had_not_been(world: World) -> None:
    lives = await asyncio.gather(*(world.due() for _ in range(len(STEPS) + 1)))
    whole, *struck = lives
    steps = {life.user_id: step for life, step in zip(struck, STEPS, strict=True)}
    striking = Striking(world.temporal, steps)
    charged = {life.user_id: books(world.database_url, life.user_id) for life in lives}
    assert {*charged.values()} == {(2_000, 2_000)}
    assert await names_left(world, whole) >= {"organiser", "payment service", "guardians"}
    # One that is open still, of what has ended long ago.
    await world.temporal.start_workflow(
        "review", id=review_workflow_id(whole.done.id), task_queue=NOBODYS_QUEUE
    )
    await world.serve(striking)

    async def nights(life: Life) -> int:
        for night in range(1, NIGHTS + 1):
            report = await world.night(life.user_id)
            if report is not None and report.erased:
                assert report.without == ()
                return night
        raise AssertionError(f"not erased, struck after {steps.get(life.user_id)}")

    took = await asyncio.gather(*(nights(life) for life in lives))

    assert took == [1] + [2] * len(STEPS)
    assert striking.struck == steps
    expected = remains(world.database_url, whole.user_id)
    assert {table for table, rows in expected.items() if not rows} >= GONE
    for life in lives:
        after = steps.get(life.user_id, "nothing")
        assert await names_left(world, life) == set(), after
        assert remains(world.database_url, life.user_id) == expected, after
        assert books(world.database_url, life.user_id) == charged[life.user_id]
        assert letters(world, life) == ["Your account is deleted"], after
        assert (await world.records.verify_audit(life.done.id)).holds
    logged = {one.user_id: one for one in await world.kept.archive.logged_erasures()}
    assert {life.user_id for life in lives} == set(logged)
    assert all(one.erased_at is not None for one in logged.values())
    await _no_history_names(world, lives)
    again = await world.records.user_for(ISSUER, whole.subject)
    assert again != whole.user_id
    assert (await world.records.profile(again)).guardian is None


async def _no_history_names(world: World, lives: list[Life]) -> None:
    """Nor do the runs that erased them."""
    for life in lives:
        run = world.temporal.get_workflow_handle(entity_id("erasure", life.user_id))
        events = (await run.fetch_history()).events
        assert events[-1].event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED
        written = [event.SerializeToString() for event in events]
        written += [payload.data for event in events for payload in payloads_of(event)]
        assert not [text for text in written if life.mark.encode() in text]
