"""Finding the program, agreeing to the draft, confirming it once."""

import asyncio
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.answers import DraftAnswer, ProgramAnswer, RegistrationAnswer
from domain.money import Money
from sandbox.complaint import SandboxError
from sandbox.demo.chat import Chat
from sandbox.demo.narrator import Narrator
from sandbox.demo.swim_team import SwimTeam

CAP = Money(amount_cents=30_000)


async def find(chat: Chat, narrator: Narrator, team: SwimTeam) -> ProgramAnswer:
    """Look for the swim team among the school's programs.

    Raises:
        SandboxError: the tool refused, or the program is not among its results.
    """
    narrator.chapter("A wish")
    narrator.parent("What does the swim school offer?")
    found = await chat.call_for_list(
        "find_programs", ProgramAnswer, among="programs", text="swim", org_ref=team.program.org_ref
    )
    wanted = [program for program in found if program.event_id == team.program.event_id]
    if not wanted:
        raise SandboxError("find_programs did not find the program that was just loaded.")
    others = [p for p in found if p.program_ref != team.program.program_ref]
    narrator.tool("find_programs", f"{len(others) + 1} programs of {wanted[0].organisation}:")
    narrator.table([_row(program) for program in (*others, *wanted)])
    return wanted[0]


def _row(program: ProgramAnswer) -> tuple[str, ...]:
    opens = program.opens_at
    price = Money(amount_cents=program.price_cents, currency=program.currency)
    when = (
        f"opens {opens.astimezone(ZoneInfo(program.time_zone)):%-d %b, %-I %p}"
        if opens
        else "opening unknown"
    )
    return program.name, str(price), when


async def agree(
    chat: Chat,
    narrator: Narrator,
    env: Mapping[str, str],
    team: SwimTeam,
    children: list[UUID],
    ahead_seconds: float,
) -> RegistrationAnswer:
    """Have it drafted for an opening that many seconds from now, read it, and confirm it.

    Raises:
        SandboxError: a tool refused.
        ControlError: the provider's simulator refused the opening.
    """
    # Whole seconds, as openings are announced.
    opening = datetime.fromtimestamp(math.ceil(_now().timestamp() + ahead_seconds), UTC)
    await asyncio.to_thread(team.open_at, env, opening)
    local = opening.astimezone(ZoneInfo(team.program.time_zone))
    narrator.parent(
        f"I hear that the {team.program.name} opens at {local:%-I:%M:%S %p}. "
        f"Both children, please, for {CAP} at most."
    )
    draft = await chat.call(
        "schedule_registration",
        DraftAnswer,
        org_ref=team.program.org_ref,
        program_ref=team.program.program_ref,
        event_id=team.program.event_id,
        child_ids=[str(child) for child in children],
        max_total_cents=CAP.amount_cents,
        scheduled_time=opening.isoformat(),
    )
    fee = Money(amount_cents=draft.success_fee_cents, currency=draft.currency)
    narrator.tool("schedule_registration", f"draft {draft.code}, for the parent to read:")
    narrator.quote(draft.summary)
    narrator.fact("Digest of those words", f"{draft.summary_digest[:32]} …")
    narrator.parent(f"Yes to all of it, the fee of {fee} too.")
    confirmed = await chat.call(
        "confirm_registration",
        RegistrationAnswer,
        registration_id=str(draft.registration_id),
        summary_digest=draft.summary_digest,
        accepted_fee_cents=draft.success_fee_cents,
    )
    left = (opening - _now()).total_seconds()
    narrator.tool("confirm_registration", f"{confirmed.status.value}, {left:.1f} s to go")
    return confirmed


def _now() -> datetime:
    return datetime.now(UTC)
