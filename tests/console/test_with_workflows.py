from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from temporalio.testing import WorkflowEnvironment

from domain.audit import GENESIS, AuditEvent, event_hash
from domain.registrations import Registration
from domain.states import RegistrationStatus
from tests.console.command_line import CommandLine
from tests.console.world_doors import WorldDoors
from tests.payload_keys import NEW, OLD
from tests.workflows.reviews import booked_unseen
from tests.workflows.time_skipping import time_skipping_server
from tests.workflows.world import World, build_world


@pytest.fixture
async def env() -> AsyncGenerator[WorkflowEnvironment]:
    async with time_skipping_server() as env:
        yield env


@pytest.fixture
async def world(env: WorkflowEnvironment) -> AsyncGenerator[World]:
    world = await build_world(env)
    async with world.served():
        yield world


@pytest.fixture
def starter(world: World) -> CommandLine:
    return CommandLine(WorldDoors(world))


async def pending(world: World) -> Registration:
    return await world.records.registration(await world.scheduled(timedelta(days=2)))


def recompute_chain(world: World, registration_id: UUID) -> None:
    """Forge the whole trail and the row's head, so that both agree with each other."""
    before = GENESIS
    forged: list[AuditEvent] = []
    for event in world.records.trails[registration_id]:
        changed = event.model_copy(update={"detail": {"forged": True}, "prev_hash": before})
        before = event_hash(changed)
        forged.append(changed.model_copy(update={"hash": before}))
    world.records.trails[registration_id][:] = forged
    row = world.records.rows[registration_id]
    world.records.rows[registration_id] = row.model_copy(update={"audit_head": before})


async def test_confirm_starts_the_workflow_and_repeating_it_gives_the_same_answer(
    world: World, starter: CommandLine
) -> None:
    draft = await world.draft(timedelta(days=2))
    agreed = ("--digest", draft.summary_digest, "--fee-cents", draft.success_fee_cents)

    first = await starter.json("confirm", draft.code, *agreed)
    again = await starter.json("confirm", draft.code, *agreed)

    assert first["status"] == "pending"
    assert again == first


async def test_status_gives_the_workflows_own_view(world: World, starter: CommandLine) -> None:
    row = await pending(world)

    words = await starter.run("status", row.code)
    found = await starter.json("status", row.code)

    assert "Sleeping until the opening" in words.stdout
    assert found["workflow"]["standing"]["audit_head"] == row.audit_head
    assert found["workflow_note"] is None


async def test_reschedule_moves_the_opening_and_cancel_ends_it(
    world: World, starter: CommandLine
) -> None:
    row = await pending(world)
    later = (row.scheduled_time + timedelta(days=1)).replace(microsecond=0)

    moved = await starter.json("reschedule", row.code, later.isoformat())
    cancelled = await starter.json("cancel", row.code)

    assert datetime.fromisoformat(moved["scheduled_time"]) == later.astimezone(UTC)
    assert cancelled["status"] == "cancelled"
    stored = await world.records.registration(row.id)
    assert stored.status is RegistrationStatus.CANCELLED


async def test_a_wall_time_is_read_in_the_zone_given(world: World, starter: CommandLine) -> None:
    row = await pending(world)
    day = (row.scheduled_time + timedelta(days=3)).date()

    moved = await starter.json("reschedule", row.code, f"{day}T09:00", "--zone", "Asia/Tokyo")

    assert datetime.fromisoformat(moved["scheduled_time"]) == datetime(
        day.year, day.month, day.day, tzinfo=UTC
    )
    assert moved["time_zone"] == "Asia/Tokyo"


async def test_the_trail_is_compared_with_the_head_that_the_workflow_kept(
    world: World, starter: CommandLine
) -> None:
    row = await pending(world)

    (verdict,) = await starter.json("audit", "verify", row.code)

    assert verdict["workflow"] == {"holds": True, "head": row.audit_head, "problem": None}


async def test_a_chain_recomputed_as_a_whole_is_found_out_by_the_workflow(
    world: World, starter: CommandLine
) -> None:
    row = await pending(world)
    recompute_chain(world, row.id)

    result = await starter.run("audit", "verify", "--all")

    assert result.exit_code == 1
    assert f"{row.code} is broken (workflow)" in result.stderr
    assert "(here)" not in result.stderr


async def test_encrypted_histories_are_compared_like_others_and_only_with_their_key(
    env: WorkflowEnvironment,
) -> None:
    world = (await build_world(env)).with_payload_keys(NEW)
    async with world.served():
        row = await pending(world)
        knowing = CommandLine(WorldDoors(world))
        ignorant = CommandLine(WorldDoors(world.with_payload_keys(OLD)))
        (compared,) = await knowing.json("audit", "verify", row.code)
        (left,) = await ignorant.json("audit", "verify", row.code)
        status = await ignorant.run("status", row.code)
        recompute_chain(world, row.id)
        found = await knowing.run("audit", "verify", row.code)

    assert compared["workflow"] == {"holds": True, "head": row.audit_head, "problem": None}
    assert left["workflow"]["holds"] is None
    for said in (left["workflow"]["problem"], status.stdout):
        assert "the payload key named new is not among PAYLOAD_KEYS here" in said
    assert found.exit_code == 1
    assert f"{row.code} is broken (workflow)" in found.stderr
    # Told from all the heads in the history, each of them encrypted.
    assert f"{row.code} was tampered with (recomputed)" in found.stderr


async def test_events_that_the_workflow_was_not_told_of_are_no_fault(
    world: World, starter: CommandLine
) -> None:
    row = await pending(world)
    await world.records.note_problems(row.id, (), "a look ahead")

    (verdict,) = await starter.json("audit", "verify", row.code)

    assert verdict["holds"] is True
    assert verdict["workflow"]["head"] == row.audit_head
    assert verdict["here"]["head"] != row.audit_head


async def test_a_draft_has_no_workflow_to_compare_with(world: World, starter: CommandLine) -> None:
    draft = await world.draft()

    (verdict,) = await starter.json("audit", "verify", draft.code)

    assert verdict["holds"] is True
    assert verdict["workflow"]["holds"] is None
    assert "never confirmed" in verdict["workflow"]["problem"]


async def test_the_command_that_a_review_shows_is_the_one_that_decides_it(
    world: World, starter: CommandLine
) -> None:
    registration_id, booking = await booked_unseen(world)
    code = world.records.rows[registration_id].code
    case = await starter.json("review", "show", code)
    (choice,) = case["choices"]
    typed = choice["command"].replace(" YOU", " kim").split()[2:]

    wrong = await starter.run("review", "resolve", code, "--not-booked", "--by", "kim")
    decided = await starter.json(*typed)
    again = await starter.run(*typed)
    shown = await starter.run("review", "show", code)

    assert wrong.exit_code == 1
    assert "(live_booking)" in wrong.stderr
    assert (decided["status"], decided["fee_status"]) == ("completed", "paid")
    assert decided["booking_number"] == booking.booking_number
    assert (again.exit_code, again.stdout.splitlines()[0]) == (0, "Decided.")
    assert f"kim decided it as booked, number {booking.booking_number}" in shown.stdout
    assert len(world.payments.taken(registration_id)) == 1
