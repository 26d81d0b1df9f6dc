import json
from datetime import timedelta
from typing import Any

import pytest

from sandbox.probe import wait_until
from tests.stack.command_line import printed, said, starter, starters
from tests.stack.openings import Openings
from tests.stack.parent import SECONDS, new_parent
from tests.stack.world import World

pytestmark = pytest.mark.xdist_group("stack")


async def test_the_operator_sees_every_registration_receipt_and_trail(
    world: World, openings: Openings
) -> None:
    parent, draft = openings.twice.parent, openings.twice.draft
    booked = await parent.until(draft, status="completed")
    receipt = booked["receipt_code"]
    ends = starters(
        world,
        ["list"],
        ["list", "--status", "completed", "--json"],
        ["status", draft.code],
        ["status", str(draft.id), "--json"],
        ["status", receipt, "--json"],
        ["receipts"],
        ["receipts", "--json"],
        ["audit", "show", receipt],
        ["audit", "show", draft.code, "--json"],
        ["audit", "verify", receipt, draft.code],
        ["audit", "verify", "--all", "--json"],
        ["mandate", "verify", receipt],
        ["mandate", "verify", draft.code, "--json"],
    )
    assert [end.returncode for end in ends] == [0] * len(ends), [said(end) for end in ends]
    (listed, as_json, sheet, by_id, by_receipt, receipts, receipts_json) = ends[:7]
    (trail, trail_json, verified, every, proof, proof_json) = ends[7:]
    assert draft.code in listed.stdout
    rows = printed(as_json)
    assert {row["status"] for row in rows} == {"completed"}
    assert draft.code in {row["code"] for row in rows}
    for fact in (draft.code, receipt, booked["booking_number"], "completed", "paid"):
        assert fact in sheet.stdout
    assert printed(by_id) == printed(by_receipt)
    assert printed(by_id)["workflow"]["standing"]["status"] == "completed"
    assert f"registration-{draft.id}" in printed(by_id)["web_ui"]
    assert receipt in receipts.stdout
    assert receipt in {one["receipt_code"] for one in printed(receipts_json)}
    kinds = [event["kind"] for event in printed(trail_json)]
    assert kinds[:3] == ["drafted", "confirmed", "claimed"]
    assert kinds[-1] == "completed"
    assert all(kind in trail.stdout for kind in kinds)
    assert "1 of 1 hold" in verified.stdout
    assert all(verdict["holds"] for verdict in printed(every))
    assert "It was covered by what the parent permitted." in proof.stdout
    proved = printed(proof_json)
    assert [deed["what"] for deed in proved["deeds"]] == ["booked", "charge 1 (succeeded)"]
    assert proved["holds"]
    everything = "".join(map(said, ends))
    ((token,),) = world.rows("select token from mandates where registration_id = %s", draft.id)
    assert token.split(".")[1] not in everything
    for person in (parent.email, "Kim", "Stack,", "2017-03-09", "+1 212"):
        assert person not in everything


async def test_the_operator_confirms_moves_and_cancels_for_a_parent(world: World) -> None:
    parent = await new_parent(world, "gil")
    draft = await parent.draft(timedelta(days=2))
    terms = ("--digest", draft.digest, "--fee-cents", str(draft.fee_cents))

    confirmed = printed(starter(world, "confirm", draft.code, *terms, "--json"))
    assert confirmed == _as_the_operator_sees(await parent.look(draft))
    assert confirmed["status"] == "pending"

    time = (confirmed["scheduled_time"][:10] + "T09:00", "--zone", "Asia/Tokyo")
    moved = printed(starter(world, "reschedule", str(draft.id), *time, "--json"))
    assert moved["scheduled_time"] == confirmed["scheduled_time"][:10] + "T00:00:00Z"
    assert moved["time_zone"] == "Asia/Tokyo"
    assert moved == _as_the_operator_sees(await parent.look(draft))

    cancelled = starter(world, "cancel", draft.code)
    assert (cancelled.returncode, cancelled.stderr) == (0, "")
    assert "Cancelled." in cancelled.stdout
    assert (await parent.look(draft))["status"] == "cancelled"
    assert await world.runs(draft.id) == 1
    told = {f"{what}: Stacking ({draft.code})" for what in ("Scheduled", "Moved", "Cancelled")}
    assert wait_until(
        lambda: told == {letter["subject"] for letter in world.letters(parent.email)}, SECONDS
    )
    again, verified = starters(world, ["cancel", draft.code], ["audit", "verify", draft.code])
    assert (again.returncode, verified.returncode) == (0, 0)


FOR_PARENTS = {"summary", "fee_action_url"}
"""What names a family, or lets its holder act for one."""


def _as_the_operator_sees(answer: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in answer.items() if name not in FOR_PARENTS}


async def test_tomorrow_names_a_lost_run_and_the_command_it_gives_starts_it_again(
    world: World,
) -> None:
    parent = await new_parent(world, "hal")
    draft = await parent.pending(timedelta(hours=20))
    assert wait_until(lambda: _tomorrow(world, draft.code)["ready"], SECONDS)
    first = _tomorrow(world, draft.code)
    run = (await world.temporal()).get_workflow_handle(f"registration-{draft.id}")

    await run.terminate(reason="lost")
    assert wait_until(lambda: not _tomorrow(world, draft.code)["ready"], SECONDS)
    (fault,) = _tomorrow(world, draft.code)["faults"]
    (command,) = fault["commands"]
    mended = starter(world, *command.split()[2:])

    # Its organiser is not asked while another test's opening there is minutes away.
    assert {"ready"} <= set(first["readiness"].values()) <= {"ready", "untold"}
    assert (fault["matter"], fault["code"]) == ("run", "run_missing")
    assert mended.returncode == 0, said(mended)
    assert wait_until(lambda: _tomorrow(world, draft.code)["ready"], SECONDS)
    story = starter(world, "explain", draft.code)
    assert "It sleeps until its opening." in story.stdout
    starter(world, "cancel", draft.code)


async def test_the_story_of_a_booking_agrees_in_all_its_sources(
    world: World, openings: Openings
) -> None:
    parent, draft = openings.twice.parent, openings.twice.draft
    booked = await parent.until(draft, status="completed")

    by_receipt = printed(starter(world, "explain", booked["receipt_code"], "--json"))
    sentences = starter(world, "explain", draft.code, "--for", "parent")
    shown = starter(world, "explain", draft.code)

    assert (by_receipt["contradictions"], by_receipt["unread"]) == ([], [])
    told = " ".join(step["what"] for step in by_receipt["steps"])
    for words in (
        "Its run begins (registration).",
        "Look ahead: nothing stands against it",
        "Request 1 of attempt 1 left",
        f"booked, number {booked['booking_number']}",
        "Charge 1 of $20.00: succeeded.",
        "Letter “booked” went out.",
    ):
        assert words in told
    assert "The place is booked at" in sentences.stdout
    everything = said(shown) + said(sentences) + str(by_receipt)
    for person in (parent.email, "Kim", "Stack,", "2017-03-09", "+1 212"):
        assert person not in everything


def _tomorrow(world: World, code: str) -> Any:
    """What is said of that one; others open too, and may lack something."""
    told = json.loads(starter(world, "tomorrow", "--json").stdout)
    (found,) = [
        each
        for instant in told["instants"]
        for account in instant["accounts"]
        for each in account["registrations"]
        if each["code"] == code
    ]
    return found
