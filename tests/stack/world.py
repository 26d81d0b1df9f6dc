"""The running stack from outside: its addresses, its simulators, its database."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import httpx
import psycopg
from psycopg import sql
from pydantic import SecretStr
from temporalio.client import Client

from domain.identifiers import registration_workflow_id
from domain.pacing import Pace
from domain.programs import Program, ProviderAccount
from gateways.payload_codec import data_converter
from gateways.supabase_records import SupabaseRecords
from sandbox.bookeo.control import BookeoControl
from sandbox.issuer.signing_keys import SigningKeys
from sandbox.issuer.tokens import mint
from sandbox.probe import wait_until
from sandbox.simulator.control import LedgerEntry, SimulatorControl
from sandbox.up import Stack

CLUB = ProviderAccount(
    org_ref="stack-club",
    name="Stack Club",
    # Of an account that takes much: the stories share it, and none is about its pace.
    pace=Pace(rate_per_second=500, burst=100, spacing=timedelta(), concurrency=100),
)
PRODUCT = "stack-class"
PRICE_CENTS = 12_000
SEND = "POST /v2/bookings"
"""The one request that books."""
PAY = "POST /v1/payment_intents"
"""The one request that charges."""


@dataclass(frozen=True)
class World:
    """One stack with its two simulators at hand."""

    stack: Stack
    bookeo: BookeoControl
    stripe: SimulatorControl

    @property
    def env(self) -> Mapping[str, str]:
        return self.stack.env

    def token(self, user: str, **changes: Any) -> str:
        """A good bearer token of that user, but for the changes."""
        names = {"issuer": self.env["AUTH_ISSUER"], "audience": self.env["AUTH0_AUDIENCE"]}
        keys = SigningKeys(self.stack.data / "issuer")
        return mint(keys, user=user, **cast("dict[str, Any]", {**names, **changes}))

    async def offer(
        self, opens_in: timedelta, product: str = PRODUCT, *, capacity: int = 10
    ) -> Program:
        """A new event of that product, known here, whose registration opens then."""
        now = datetime.now(UTC)
        program = Program(
            id=uuid4(),
            provider=CLUB.provider,
            org_ref=CLUB.org_ref,
            program_ref=product,
            event_id=f"stack-{uuid4().hex[:12]}",
            name="Stacking",
            starts_at=now + timedelta(days=90),
            ends_at=now + timedelta(days=90, hours=1),
            time_zone="America/New_York",
            opens_at=now + opens_in,
            price_cents=PRICE_CENTS,
        )
        assert program.opens_at is not None
        self.bookeo.put_product(product, name=program.name, rates={"Cchildren": PRICE_CENTS})
        self.bookeo.put_event(
            product,
            program.event_id,
            starts_at=program.starts_at,
            ends_at=program.ends_at,
            opens_at=program.opens_at,
            capacity=capacity,
        )
        records = await SupabaseRecords.connect(
            self.env["SUPABASE_URL"], self.env["SUPABASE_SERVICE_ROLE_KEY"]
        )
        try:
            await records.save_provider_account(CLUB)
            return await records.save_program(program)
        finally:
            await records.aclose()

    async def temporal(self) -> Client:
        keys = self.env.get("PAYLOAD_KEYS")
        converter = data_converter(SecretStr(keys) if keys else None)
        return await Client.connect(self.env["TEMPORAL_ADDRESS"], data_converter=converter)

    async def runs(self, registration_id: UUID) -> int:
        """How many workflows Temporal lists under the registration's id."""
        client = await self.temporal()
        found = await client.count_workflows(
            f"WorkflowId = '{registration_workflow_id(registration_id)}'"
        )
        return found.count

    def letters(self, address: str) -> list[dict[str, Any]]:
        """The mails to that address, oldest first."""
        answer = httpx.get(f"{self.env['MAIL_CATCHER_URL']}/mails", params={"to": address})
        return cast("list[dict[str, Any]]", answer.json())

    @contextmanager
    def superuser(self) -> Generator[psycopg.Connection]:
        """The database past every policy, privilege and trigger; commits at the end."""
        assert self.stack.cluster is not None
        with psycopg.connect(self.stack.cluster.url("supabase_admin")) as connection:
            connection.execute("set session_replication_role = replica")
            yield connection

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self.superuser() as database:
            return database.execute(query.encode(), values).fetchall()

    def tables(self) -> list[str]:
        """The names of every table of the schema."""
        found = self.rows(
            "select relname from pg_class where relnamespace = 'public'::regnamespace"
            " and relkind in ('r', 'p') order by relname"
        )
        return [name for (name,) in found]

    def columns(self, table: str) -> list[str]:
        """The names of its columns, in their order."""
        found = self.rows(
            "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0"
            " and not attisdropped order by attnum",
            f"public.{table}",
        )
        return [name for (name,) in found]

    def everything(self) -> dict[str, tuple[int, str]]:
        """Each table's number of rows and a digest of them, once nothing is under way.

        But for the leases and the sweeps' notes, which beat by themselves.
        """
        assert wait_until(self._at_rest, 60)
        digest = sql.SQL("select count(*), coalesce(md5(string_agg(r, '' order by r)), '') from ")
        one = sql.SQL("(select t::text as r from public.{} as t) as rows")
        tables = [name for name in self.tables() if name not in ("leases", "looks")]
        with self.superuser() as database:
            return {
                table: cast(
                    "tuple[int, str]",
                    database.execute(digest + one.format(sql.Identifier(table))).fetchone(),
                )
                for table in tables
            }

    def _at_rest(self) -> bool:
        """Whether no opening is at hand, no booking or charge under way, every letter out, and
        every event worked off.
        """
        under_way = self.rows(
            "select id from scheduled_registrations where status = 'executing'"
            " or (status = 'pending' and scheduled_time < clock_timestamp() + interval '15 s')"
            " union all select registration_id from charges where status = 'frozen'"
            " union all select null from audit_events"
            " where at > clock_timestamp() - interval '500 ms'"
            " union all select null from notifications where sent_at is null"
            # What Stripe tells of a card, or of a customer, is worked off behind everybody's back.
            " union all select null from stripe_events where user_id is not null"
            " and coalesce(worked_at, 'infinity') > clock_timestamp() - interval '500 ms'"
        )
        return not under_way


@contextmanager
def at_hand(stack: Stack) -> Generator[World]:
    """The started stack with its simulators."""
    env = stack.env
    with (
        BookeoControl(env["BOOKEO_SIM_CONTROL_URL"], env["BOOKEO_SIM_CONTROL_TOKEN"]) as bookeo,
        SimulatorControl(env["STRIPE_SIM_CONTROL_URL"], env["STRIPE_SIM_CONTROL_TOKEN"]) as stripe,
    ):
        yield World(stack, bookeo, stripe)


def asked(entries: list[LedgerEntry], endpoint: str) -> list[LedgerEntry]:
    """Those of the requests that went to that endpoint."""
    return [entry for entry in entries if entry.endpoint == endpoint]
