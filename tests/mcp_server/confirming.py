"""Drafts of the chat server's own world, and confirms of them in which the parent may be asked."""

from typing import Any
from uuid import UUID

from mcp_types import CallToolResult

from tests.mcp_server.dialogues import CONFIRM, Dialogue
from tests.mcp_server.world import World

Consent = dict[str, Any]
"""The arguments of confirm_registration."""


async def drafted(world: World, user: str = "ann") -> Consent:
    """The consent to a new draft of that user's family."""
    wish = world.wish(await world.family(user))
    draft = await world.answer(user, "schedule_registration", **wish)
    return {
        "registration_id": draft["registration_id"],
        "summary_digest": draft["summary_digest"],
        "accepted_fee_cents": draft["success_fee_cents"],
    }


async def confirm(world: World, consent: Consent, asked: Dialogue) -> CallToolResult:
    async with world.chat("ann", asked=asked) as chat:
        return await chat.call_tool(CONFIRM, consent)


def status(result: object) -> str:
    """The status in the answer of a call that must have succeeded."""
    assert isinstance(result, CallToolResult)
    assert not result.is_error, result.content
    assert result.structured_content is not None
    return result.structured_content["status"]


async def confirms_of(world: World, consent: Consent) -> int:
    """How many are in the audit trail."""
    trail = await world.answer("ann", "get_audit_trail", registration_id=consent["registration_id"])
    return [event["kind"] for event in trail["events"]].count("confirmed")


def asked_to_confirm(world: World, consent: Consent) -> int:
    """How often a workflow would have been asked."""
    return world.temporal.asked_to_confirm[UUID(consent["registration_id"])]
