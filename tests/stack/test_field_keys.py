"""Other keys for people's fields while everything runs."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain.field_errors import FieldInTheClear
from gateways.supabase_records import SupabaseRecords
from tests.field_keys import FIRST
from tests.gateways.households import GUARDIAN
from tests.stack.command_line import operators_environment, printed, said, starter
from tests.stack.parent import Parent
from tests.stack.test_doctor import diagnosis
from tests.stack.world import World

pytestmark = pytest.mark.xdist_group("stack")

DAYS = timedelta(days=3)


@pytest.fixture
def back(world: World) -> Iterator[None]:
    """Afterwards the stack is as it was, whatever went wrong."""
    yield
    with world.superuser() as database:
        database.execute("select public.demand_sealed_fields(false)")
    rotated(world, FIRST)


def rotated(world: World, *others: str, first: str | None = None, seal: bool = False) -> Any:
    """Everything sealed with the stack's own key, or with that one in front of it."""
    keys = ",".join((*([first] if first else []), world.env["FIELD_KEYS"], *others))
    env = {**operators_environment(world), "FIELD_KEYS": keys}
    return printed(
        starter(world, "fields", "rotate", "--json", *(["--seal"] if seal else []), env=env)
    )


def keys_in_use(world: World) -> set[str | None]:
    uses = printed(starter(world, "fields", "status", "--json"))["uses"]
    return {use["key"] for use in uses}


@pytest.mark.usefixtures("back")
async def test_fields_get_another_key_and_nobody_reads_them_before_it_is_given(
    world: World,
) -> None:
    parent = Parent(world, f"rotated-{uuid4().hex[:8]}")
    draft = await parent.draft(DAYS)
    shown = await parent.look(draft)
    assert shown["summary"].startswith("Register Kim for ")
    assert keys_in_use(world) == {"sandbox"}

    done = rotated(world, first=FIRST)
    assert (done["key"], done["left"]) == ("first", 0)
    assert keys_in_use(world) == {"first"}
    assert await parent.refusal("list_children") == ["temporarily_unavailable"]
    assert await parent.look(draft) == {**shown, "summary": None}
    line = diagnosis(world).lines["fields.keys"]
    assert (line.state, "Not known here: first" in line.sentence) == ("fail", True)
    unread = starter(world, "fields", "rotate")
    assert unread.returncode == 1
    assert "sealed with first" in said(unread)

    assert rotated(world, FIRST)["key"] == "sandbox"
    (child,) = (await parent.answer("list_children"))["children"]
    assert child["first_name"] == "Kim"
    assert await parent.look(draft) == shown


@pytest.mark.usefixtures("back")
async def test_once_sealed_fields_are_demanded_a_program_without_keys_keeps_nobody(
    world: World,
) -> None:
    assert rotated(world, seal=True)["demanded_since"]
    parent = Parent(world, f"sealed-{uuid4().hex[:8]}")
    await parent.child()
    keyless = await SupabaseRecords.connect(
        world.env["SUPABASE_URL"], world.env["SUPABASE_SERVICE_ROLE_KEY"]
    )
    try:
        user_id = await keyless.user_for("https://issuer.example/", uuid4().hex)
        with pytest.raises(FieldInTheClear):
            await keyless.save_guardian(user_id, GUARDIAN)
    finally:
        await keyless.aclose()
    plain = f"plain,{world.env['FIELD_KEYS']}"
    line = diagnosis(world, FIELD_KEYS=plain).lines["fields.keys"]
    assert (line.state, "takes sealed fields only" in line.sentence) == ("fail", True)
