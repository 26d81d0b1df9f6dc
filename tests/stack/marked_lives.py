"""A marked family to which everything happens, and who types its names where none belong."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self
from uuid import uuid4

import httpx

from sandbox.probe import wait_until
from tests.mcp_server.dialogues import CONFIRM, YES, Dialogue
from tests.stack.command_line import Done, operators_environment, run
from tests.stack.marks import CHILDREN, GUARDIAN
from tests.stack.parent import SECONDS, TLS, Draft, Parent
from tests.stack.world import World

OPENS_IN = timedelta(seconds=6)
DAYS = timedelta(days=2)
LETTERS = 10
"""Four that it is scheduled, and then: moved, cancelled, not booked, booked, booked and fee due."""


@dataclass(frozen=True)
class MarkedLives:
    """What has happened to the family by now."""

    drafts: tuple[Draft, ...]
    command: Done
    """How a command ended that was given a name where a time belongs."""

    @classmethod
    async def lived(cls, world: World) -> Self:
        """Booked, sold out, moved and cancelled, declined; the first letter refused at first."""
        rich, poor = (Parent(world, f"marked-{uuid4().hex[:8]}") for _ in range(2))
        mailbox = {"recipient": GUARDIAN["email"], "kind": "refuse"}
        async with httpx.AsyncClient(base_url=world.env["MAIL_CATCHER_URL"], verify=TLS) as mail:
            (await mail.post("/faults", json=mailbox)).raise_for_status()
        rich_children, poor_children = await asyncio.gather(
            _settled(rich, "success"), _settled(poor, "declined_when_charged")
        )
        drafts = booked, sold_out, given_up, due = await asyncio.gather(
            _pending(rich, rich_children, OPENS_IN),
            _pending(rich, rich_children, OPENS_IN, capacity=1),
            _pending(rich, rich_children, DAYS),
            _pending(poor, poor_children, OPENS_IN),
        )
        later = (datetime.now(UTC) + 2 * DAYS).isoformat()
        id_ = str(given_up.id)
        await rich.answer("reschedule_registration", registration_id=id_, scheduled_time=later)
        command, *_ = await asyncio.gather(
            asyncio.to_thread(_bad_command, world, given_up), _bad_calls(rich)
        )
        await rich.answer("cancel_registration", registration_id=id_)
        await rich.until(booked, status="completed", fee_status="paid")
        await rich.until(sold_out, status="failed", failure_code="sold_out")
        await poor.until(due, status="completed", fee_status="due")
        assert wait_until(lambda: len(world.letters(GUARDIAN["email"])) >= LETTERS, SECONDS)
        return cls(drafts, command)


async def _settled(parent: Parent, card: str) -> list[str]:
    """Profile, children and card; the children's ids."""
    await parent.answer("update_profile", **GUARDIAN)
    children = [(await parent.answer("add_child", **child))["child_id"] for child in CHILDREN]
    await parent.save_card(card)
    return children


async def _pending(
    parent: Parent, children: list[str], opens_in: timedelta, capacity: int = 10
) -> Draft:
    program = await parent.world.offer(opens_in, capacity=capacity)
    wish = await parent.wish(program, child_ids=children, max_total_cents=40_000)
    draft = await parent.drafted(wish)
    # Asked once more, where the chat shows forms: the question holds the children's names.
    async with parent.chat(asked=Dialogue(YES)) as chat:
        assert not (await chat.call_tool(CONFIRM, draft.consent)).is_error
    return draft


async def _bad_calls(parent: Parent) -> None:
    """Names where no name belongs: in every part of a request that a stranger may fill."""
    name, email = GUARDIAN["last_name"], GUARDIAN["email"]
    misplaced = {**CHILDREN[0], "birth_date": name}
    assert await parent.refusal("add_child", **misplaced) == ["invalid_argument"]
    assert await parent.refusal("find_programs", **{email: name}) == ["invalid_argument"]
    assert await parent.refusal(email) == ["unknown_tool"]
    env = parent.world.env
    async with httpx.AsyncClient(base_url=env["PUBLIC_URL"], verify=TLS) as stranger:
        strange = {"Authorization": f"Bearer {email}", "X-Bookeo-Signature": email}
        for answer in (
            await stranger.get(f"/{name}", params={"who": email}),
            await stranger.get("/mcp", params={"who": email}, headers=strange),
            await stranger.post("/mcp", content=f'{{"{name}', headers=strange),
            await stranger.post("/webhooks/bookeo", json=GUARDIAN, headers=strange),
            await stranger.request(email.partition("@")[0].upper(), "/healthz"),
        ):
            assert httpx.codes.is_client_error(answer.status_code)


def _bad_command(world: World, draft: Draft) -> Done:
    words = ["starter.py", "reschedule", draft.code, GUARDIAN["last_name"]]
    return run(words, operators_environment(world))
