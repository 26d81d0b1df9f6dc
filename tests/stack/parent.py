"""A parent in a chat: a real MCP client over HTTP with a real token."""

import asyncio
import ssl
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import httpx
import httpx2
from mcp import Client
from mcp.client.extension import ClientExtension
from mcp.client.session import ElicitationFnT
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult

from domain.identifiers import external_ref, fee_key
from domain.programs import Program
from tests.mcp_server.failures import codes
from tests.stack.world import PRODUCT, World

TLS = ssl.create_default_context()
"""Made once: every client makes its own otherwise, slowly, also where it never needs it."""

SECONDS = 30
PAUSE = 0.2
Answer = dict[str, Any]


@dataclass(frozen=True)
class Draft:
    """A registration as its draft named it."""

    id: UUID
    code: str
    digest: str
    fee_cents: int

    @property
    def reference(self) -> str:
        return external_ref(self.id)

    def fee(self, number: int) -> str:
        return fee_key(self.id, number)

    @property
    def consent(self) -> Answer:
        """The arguments of confirm_registration."""
        return {
            "registration_id": str(self.id),
            "summary_digest": self.digest,
            "accepted_fee_cents": self.fee_cents,
        }


@dataclass(frozen=True)
class Parent:
    """One account. Its name is part of its mail address."""

    world: World
    name: str

    @property
    def email(self) -> str:
        return f"{self.name}@example.com"

    @asynccontextmanager
    async def chat(
        self, asked: ElicitationFnT | None = None, extensions: Sequence[ClientExtension] = ()
    ) -> AsyncGenerator[Client]:
        """A chat; with `asked` it shows forms, and says so."""
        headers = {"Authorization": f"Bearer {self.world.token(self.name)}"}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=SECONDS, verify=TLS) as http,
            Client(
                streamable_http_client(self.world.env["MCP_URL"], http_client=http),
                read_timeout_seconds=SECONDS,
                elicitation_callback=asked,
                extensions=extensions,
            ) as client,
        ):
            yield client

    async def call(self, tool: str, **arguments: Any) -> CallToolResult:
        async with self.chat() as client:
            return await client.call_tool(tool, arguments)

    async def answer(self, tool: str, **arguments: Any) -> Answer:
        """The structured content of a call that must succeed."""
        result = await self.call(tool, **arguments)
        assert not result.is_error, result.content
        return cast("Answer", result.structured_content)

    async def refusal(self, tool: str, **arguments: Any) -> list[str]:
        """The codes of a call that must fail."""
        return codes(await self.call(tool, **arguments))

    async def save_card(self, card: str) -> Answer:
        """Choose that test card on the hosted page."""
        page = await self.answer("start_card_setup")
        async with httpx.AsyncClient(verify=TLS) as browser:
            saved = await browser.post(page["url"], data={"card": card})
        assert saved.status_code == httpx.codes.SEE_OTHER, saved.text
        return (await self.answer("get_payment_method"))["card"]

    async def child(self) -> str:
        """The id of the account's one child."""
        added = await self.answer(
            "add_child", first_name="Kim", last_name="Stack", birth_date="2017-03-09"
        )
        return added["child_id"]

    async def wish(self, program: Program, **changes: Any) -> Answer:
        """Arguments of schedule_registration."""
        return {
            "org_ref": program.org_ref,
            "program_ref": program.program_ref,
            "event_id": program.event_id,
            "child_ids": [await self.child()],
            "max_total_cents": 20_000,
        } | changes

    async def draft(self, opens_in: timedelta, product: str = PRODUCT) -> Draft:
        """Draft the registration for an event of its own that opens then."""
        program = await self.world.offer(opens_in, product)
        return await self.drafted(await self.wish(program))

    async def drafted(self, wish: Answer) -> Draft:
        """Draft what the arguments of schedule_registration wish for."""
        drafted = await self.answer("schedule_registration", **wish)
        return Draft(
            id=UUID(drafted["registration_id"]),
            code=drafted["code"],
            digest=drafted["summary_digest"],
            fee_cents=drafted["success_fee_cents"],
        )

    async def confirm(self, draft: Draft) -> Answer:
        return await self.answer("confirm_registration", **draft.consent)

    async def pending(self, opens_in: timedelta) -> Draft:
        """Drafted and confirmed."""
        draft = await self.draft(opens_in)
        await self.confirm(draft)
        return draft

    async def look(self, draft: Draft) -> Answer:
        return await self.answer("get_registration", registration_id=str(draft.id))

    async def until(self, draft: Draft, seconds: float = SECONDS, **facts: str) -> Answer:
        """Where the registration stands, once all those facts are so."""
        deadline = time.monotonic() + seconds
        async with self.chat() as client:
            while True:
                result = await client.call_tool(
                    "get_registration", {"registration_id": str(draft.id)}
                )
                answer: Answer = result.structured_content or {}
                if facts.items() <= answer.items():
                    return answer
                assert time.monotonic() < deadline, f"not {facts}, but {answer}"
                await asyncio.sleep(PAUSE)


async def new_parent(world: World, name: str, card: str = "success") -> Parent:
    """A parent with a complete profile, a child, and that card saved on the hosted page."""
    parent = Parent(world, f"{name}-{uuid4().hex[:8]}")
    await parent.answer(
        "update_profile",
        first_name=name.capitalize(),
        last_name="Stack",
        email=parent.email,
        phone="+1 212 555 0100",
        birth_date="1985-04-01",
    )
    await parent.child()
    await parent.save_card(card)
    return parent
