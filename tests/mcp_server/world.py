"""The MCP server over HTTP with a front door made of fakes, and chats that talk to it."""

import copy
import socket
import ssl
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self, cast
from uuid import UUID, uuid4

import httpx
import httpx2
from fastapi import FastAPI
from mcp import Client
from mcp.client.extension import ClientExtension
from mcp.client.session import ElicitationFnT
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult
from pydantic import SecretStr
from temporalio.client import Client as Temporal

from connection import Gateways
from domain.booking import Product
from domain.errors import RecordsUnavailable
from domain.family import Card, Guardian, NewChild
from domain.programs import Program, ProviderAccount
from front_door.family import Family
from gateways.fakes.billing import PRICE, FakeBilling
from gateways.fakes.booking import FakeBookingProvider
from gateways.fakes.booking_accounts import FakeBookingProviders
from gateways.fakes.payments import FakePayments
from gateways.fakes.records import InMemoryRecords
from mcp_server.app import build_app
from mcp_server.bookeo_signature import BookeoSignature
from mcp_server.codec_server import CodecServer
from mcp_server.limits import Limits
from mcp_server.stripe_signature import StripeSignature
from settings import AuthSettings, ServerSettings
from starter import FrontDoor
from tests.mandates import MANDATES, confirmed
from tests.mcp_server.issuer import AUDIENCE, Issuer
from tests.mcp_server.serving import HOST, bound_socket, port_of, serving
from tests.mcp_server.silent_temporal import SilentTemporal

TLS = ssl.create_default_context()
"""Made once: a client makes its own otherwise, slowly, also where it never needs it."""

PUBLIC_HOST = "signup.example"
PROBE_HOST = "probe.example"
WEBHOOK_HOST = "hooks.signup.example"
WEBHOOK_URL = f"https://{WEBHOOK_HOST}/webhooks/bookeo"
WEBHOOK_KEY = "our application's secret"
STRIPE_SECRET = "whsec_of_ours"
CARD = Card(payment_method_id="pm_1", brand="visa", last4="4242", exp_month=12, exp_year=2190)


class Records(InMemoryRecords):
    """The database in memory, which can be unplugged and counts its callers."""

    def __init__(self) -> None:
        super().__init__()
        self.unplugged = False
        self.identified = 0

    async def ping(self) -> None:
        if self.unplugged:
            raise RecordsUnavailable("unplugged")

    async def user_for(self, issuer: str, subject: str) -> UUID:
        self.identified += 1
        await self.ping()
        return await super().user_for(issuer, subject)

    def everything(self) -> dict[str, Any]:
        """All rows, to compare with later. Tables that a look-up left empty count as none."""
        return {
            name: copy.deepcopy({key: row for key, row in table.items() if row})
            for name, table in cast("dict[str, dict[Any, Any]]", vars(self)).items()
            if isinstance(table, dict)  # pyright: ignore[reportUnnecessaryIsInstance]  # others are
        }


@dataclass
class World:
    """One running server."""

    base: str
    app: FastAPI
    door: FrontDoor
    issuer: Issuer
    records: Records
    payments: FakePayments
    temporal: SilentTemporal
    program: Program
    people: str = ""
    """Whose ann and bea are meant, among those of other tests at the same server."""

    @property
    def billing(self) -> FakeBilling:
        return self.payments.billing

    def with_new_people(self) -> Self:
        """The same server, with users nobody has met."""
        return replace(self, people=f"-{uuid4().hex[:8]}")

    @asynccontextmanager
    async def chat(
        self,
        user: str,
        mode: str = "auto",
        token: str | None = None,
        asked: ElicitationFnT | None = None,
        extensions: Sequence[ClientExtension] = (),
    ) -> AsyncGenerator[Client]:
        """A chat client signed in as that user; with `asked` it shows forms, and says so."""
        headers = {"Authorization": f"Bearer {token or self.issuer.token(user + self.people)}"}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=10, verify=TLS) as http,
            Client(
                streamable_http_client(f"{self.base}/mcp", http_client=http),
                mode=mode,
                read_timeout_seconds=10,
                elicitation_callback=asked,
                extensions=extensions,
            ) as client,
        ):
            yield client

    async def call(self, user: str, tool: str, arguments: dict[str, Any]) -> CallToolResult:
        """One tool call in a chat of its own."""
        async with self.chat(user) as client:
            return await client.call_tool(tool, arguments)

    async def answer(self, user: str, tool: str, **arguments: Any) -> dict[str, Any]:
        """The structured content of a call that must succeed."""
        result = await self.call(user, tool, arguments)
        assert not result.is_error, result.content
        return cast("dict[str, Any]", result.structured_content)

    async def get(self, path: str, **headers: str) -> httpx.Response:
        async with httpx.AsyncClient(base_url=self.base, timeout=10, verify=TLS) as http:
            return await http.get(path, headers=headers)

    async def post(
        self, token: str | None, body: dict[str, Any] | None = None, **headers: str
    ) -> httpx.Response:
        """A bare request, for the list of tools unless it is another, as any program may send."""
        sent = {name.encode(): value.encode("latin-1") for name, value in headers.items()}
        if token is not None:
            sent[b"Authorization"] = f"Bearer {token}".rstrip().encode("latin-1")
        asked = body or {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
        sent[b"Accept"] = b"application/json, text/event-stream"
        async with httpx.AsyncClient(base_url=self.base, timeout=10, verify=TLS) as http:
            return await http.post("/mcp", json=asked, headers=sent)

    async def user_id(self, user: str) -> UUID:
        return await self.records.user_for(self.issuer.url, f"auth0|{user}{self.people}")

    async def family(self, user: str) -> UUID:
        """A complete account with a card; the id of its one child."""
        user_id = await self.user_id(user)
        parent = Guardian(
            first_name="Pat",
            last_name="Parent",
            email="pat@example.com",
            phone="+1 212 555 0100",
            birth_date=date(1985, 4, 1),
        )
        await self.records.save_guardian(user_id, parent)
        await self.records.save_customer(user_id, f"cus_{user_id}")
        await self.records.save_card_setup(user_id, f"cs_{user_id}")
        await self.records.save_card(user_id, f"cs_{user_id}", CARD)
        child = NewChild(first_name="Kim", last_name="Parent", birth_date=date(2016, 5, 4))
        return (await Family(self.records).add_child(user_id, child)).id

    def wish(self, child_id: UUID, **changes: Any) -> dict[str, Any]:
        """Arguments of schedule_registration."""
        return {
            "org_ref": self.program.org_ref,
            "program_ref": self.program.program_ref,
            "event_id": self.program.event_id,
            "child_ids": [str(child_id)],
            "max_total_cents": 20_000,
        } | changes

    async def pending(self, user: str) -> dict[str, Any]:
        """A confirmed registration of a new family; its draft's answer."""
        draft = await self.answer(
            user, "schedule_registration", **self.wish(await self.family(user))
        )
        row = await self.records.registration(UUID(draft["registration_id"]))
        until = row.scheduled_time + timedelta(days=40)
        await confirmed(self.records, row, until, f"confirmed/{row.id}")
        return draft


async def _stock(records: Records) -> Program:
    now = datetime.now(UTC)
    await records.save_provider_account(ProviderAccount(org_ref="north", name="North Camp"))
    return await records.save_program(
        Program(
            id=uuid4(),
            provider="bookeo",
            org_ref="north",
            program_ref="swim",
            event_id="swim-1",
            name="Swimming",
            starts_at=now + timedelta(days=60),
            ends_at=now + timedelta(days=61),
            time_zone="America/New_York",
            opens_at=now + timedelta(days=10),
            price_cents=12_000,
        )
    )


def _settings(
    issuer: Issuer, listening: socket.socket, question_keys: SecretStr | None
) -> tuple[AuthSettings, ServerSettings]:
    return (
        AuthSettings(
            auth0_audience=AUDIENCE, auth_issuer=issuer.url, auth_jwks_url=issuer.jwks_url
        ),
        ServerSettings(
            mcp_host=HOST,
            mcp_port=port_of(listening),
            public_url=f"https://{PUBLIC_HOST}",
            probe_host=PROBE_HOST,
            question_keys=question_keys,
        ),
    )


@asynccontextmanager
async def replica(world: World, question_keys: SecretStr | None) -> AsyncGenerator[World]:
    """One more server before the same database."""
    listening = bound_socket()
    app = build_app(world.door, *_settings(world.issuer, listening, question_keys))
    async with serving((app, listening)):
        yield replace(world, base=f"http://{HOST}:{port_of(listening)}", app=app)


@asynccontextmanager
async def running(
    issuer: Issuer,
    *,
    webhooks: bool = True,
    codec: CodecServer | None = None,
    limits: Limits | None = None,
    question_keys: SecretStr | None = None,
) -> AsyncGenerator[World]:
    """A server of its own, with its issuer, on free ports; it may take no webhooks."""
    records, payments, temporal = Records(), FakePayments(), SilentTemporal()
    provider = FakeBookingProvider()
    program = await _stock(records)
    provider.add_product(
        Product(
            product_id=program.program_ref,
            name=program.name,
            type="fixed",
            api_bookings_allowed=True,
        )
    )
    door = FrontDoor.over(
        cast("Temporal", temporal),
        Gateways(records, FakeBookingProviders({"default": provider}), payments, MANDATES),
        public_url=f"https://{PUBLIC_HOST}",
        price_id=PRICE,
    )
    issuing, listening = bound_socket(), bound_socket()
    issuer.url = f"http://{HOST}:{port_of(issuing)}/"
    bookeo = BookeoSignature(SecretStr(WEBHOOK_KEY), WEBHOOK_URL) if webhooks else None
    stripe = StripeSignature(SecretStr(STRIPE_SECRET)) if webhooks else None
    known = _settings(issuer, listening, question_keys)
    app = build_app(door, *known, bookeo, codec, limits, stripe)
    async with serving((issuer.app(), issuing), (app, listening)):
        base = f"http://{HOST}:{port_of(listening)}"
        yield World(base, app, door, issuer, records, payments, temporal, program)
