"""A parent who is deleted: asked for in the chat, carried out by the worker a month later."""

from datetime import timedelta
from uuid import uuid4

import pytest

from sandbox.probe import wait_until
from tests.stack.command_line import said, starter
from tests.stack.parent import SECONDS, Parent
from tests.stack.world import World

pytestmark = [pytest.mark.full, pytest.mark.timeout(300), pytest.mark.xdist_group("stack")]

DAYS = timedelta(days=2)
MINUTES = 200.0
"""In seconds: Temporal deletes what has only just ended after half a minute, and is asked again
after one."""


async def test_a_month_after_the_wish_nobody_of_ours_remembers_the_parent(world: World) -> None:
    parent = Parent(world, f"forgotten-{uuid4().hex[:8]}")
    who = {"first_name": "Erika", "last_name": parent.name, "email": parent.email}
    await parent.answer("update_profile", **who, phone="+1 212 555 0100", birth_date="1985-04-01")
    await parent.save_card("success")
    draft = await parent.pending(DAYS)
    await parent.answer("cancel_registration", registration_id=str(draft.id))

    asked = await parent.answer("request_account_deletion")
    assert await parent.refusal(
        "schedule_registration", **await parent.wish(await world.offer(DAYS))
    ) == ["deletion_asked"]
    assert wait_until(lambda: _subjects(parent)[-1:] == ["Your account will be deleted"], SECONDS)
    ((user, customer),) = world.rows(
        "update erasures set asked_at = asked_at - interval '31 days',"
        " due_at = now() - interval '1 h'"
        " from user_profiles as known where known.user_id = erasures.user_id"
        " and erasures.user_id = (select user_id from scheduled_registrations where id = %s)"
        " returning known.user_id, known.stripe_customer_id",
        draft.id,
    )
    assert asked["still_booked"] == []
    begun = starter(world, "schedules", "trigger", "account-purge")
    assert begun.returncode == 0, said(begun)

    erased = "select erased_at is not null from erasures where user_id = %s"
    assert wait_until(lambda: world.rows(erased, user) == [(True,)], MINUTES)
    assert _subjects(parent)[-1] == "Your account is deleted"
    assert _tables_naming(world, parent.name, customer) == set()
    assert await world.runs(draft.id) == 0
    assert (await parent.answer("get_profile"))["complete"] is False
    assert (await parent.answer("list_registrations"))["registrations"] == []
    shown = starter(world, "status", draft.code)
    assert shown.returncode == 0, said(shown)
    verified = starter(world, "audit", "verify", draft.code)
    assert verified.returncode == 0, said(verified)


def _subjects(parent: Parent) -> list[str]:
    return [letter["subject"] for letter in parent.world.letters(parent.email)]


def _tables_naming(world: World, *marks: str) -> set[str]:
    return {
        table
        for table in world.tables()
        for mark in marks
        if world.rows(
            f"select 1 from public.{table} as t where t::text ilike %s limit 1",  # noqa: S608 - our own tables
            f"%{mark}%",
        )
    }
