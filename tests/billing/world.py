"""A subscription's whole world: the HTTP API, the worker, and Stripe simulated with its webhooks.

Time passes at Temporal and at Stripe together, and only when a test says so.
"""

import asyncio
from calendar import monthrange
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
from pydantic import SecretStr
from temporalio.testing import WorkflowEnvironment

from connection import Gateways
from domain.family import Guardian
from domain.payment_recovery import LetterKind
from gateways.fakes.booking_accounts import FakeBookingProviders
from gateways.stripe_payments import StripePayments
from mcp_server.app import build_app
from mcp_server.stripe_signature import StripeSignature
from mcp_server.stripe_webhooks import KINDS
from sandbox.simulator.control import SimulatorControl
from sandbox.stripe.vendor import PRICE
from settings import AuthSettings, ServerSettings
from starter import FrontDoor
from tests.eventually import eventually
from tests.mandates import MANDATES
from tests.mcp_server.issuer import AUDIENCE, Issuer
from tests.mcp_server.serving import HOST, bound_socket, port_of, serving
from tests.mcp_server.world import TLS
from tests.workflows.subscribing import SUBJECTS
from tests.workflows.world import World, build_world

KEY, WEBHOOK_SECRET = "sk_test_of_ours", "whsec_of_ours"
CONTROL_TOKEN = "control-token-for-tests"

PARENT = Guardian(
    first_name="Ann",
    last_name="Lind",
    email="ann@example.com",
    phone="+1 555 010 0100",
    birth_date=date(1985, 1, 2),
)


@dataclass
class Billed:
    """One parent, and everybody who has a part in her subscription."""

    inner: World
    http: httpx.AsyncClient
    control: SimulatorControl
    token: str
    user: UUID

    async def ask(self, method: str, path: str = "", status: int = 200) -> dict[str, Any]:
        """What the API answers."""
        headers = {"Authorization": f"Bearer {self.token}"}
        # A look that somebody waits for must not make days pass.
        with self.inner.env.auto_time_skipping_disabled():
            answer = await self.http.request(method, f"/api/subscriptions{path}", headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def standing(self) -> tuple[str, str]:
        """Status and tier."""
        answer = await self.ask("GET")
        return answer["status"], answer["tier"]

    async def choose(self, page: str, card: str) -> None:
        """That test card on a hosted page; the tab is closed at once."""
        async with httpx.AsyncClient(verify=TLS, trust_env=False) as browser:
            answer = await browser.post(page, data={"card": card})
        assert answer.status_code in (200, 303), answer.text

    async def subscribe(self, card: str = "success") -> None:
        await self.choose((await self.ask("POST", "/checkout"))["url"], card)
        await self.quiet()

    async def begin_before_a_long_month(self) -> None:
        """So that a month that goes unpaid is longer than the grace, on whatever day this runs."""
        today = await self.inner.env.get_current_time()
        first = next(
            day
            for day in (today + timedelta(days=ahead) for ahead in range(1, 200))
            if day.day == 1 and monthrange(day.year, day.month % 12 + 1)[1] == 31
        )
        await self._let_pass(first - today)

    async def let_the_month_pass(self) -> None:
        """Until the subscription has been billed again, or has ended."""
        (plan,) = [one for one in self.at_stripe("subscriptions") if one["status"] != "canceled"]
        over = plan["items"]["data"][0]["current_period_end"]
        now = self.control.get("/_sim/clock")["now"]
        await self._let_pass(timedelta(seconds=over - now + 1))

    async def let_days_pass(self, days: float) -> None:
        """And wait until all that they brought has been told and worked off."""
        await self._let_pass(timedelta(days=days))

    async def _let_pass(self, by: timedelta) -> None:
        await self.inner.until(await self.inner.env.get_current_time() + by)
        await self.simulated("/_sim/clock", seconds=int(by.total_seconds()))
        await self.quiet()

    async def quiet(self) -> None:
        """Everything that Stripe tells has arrived, and has been worked off."""
        await eventually(self._all_told)

    def _all_told(self) -> bool:
        if not all(sent["due_ms"] is None and sent["status"] for sent in self.control.deliveries()):
            return False
        events = self.inner.records.stripe_events
        worked = {name for name, event in events.items() if event.worked_at is not None}
        return worked >= {one["id"] for one in self.at_stripe("events") if one["type"] in KINDS}

    async def letters(self, *kinds: LetterKind) -> None:
        """Exactly these have gone out, in this order."""
        wanted = [SUBJECTS[kind] for kind in kinds]
        await eventually(lambda: len(self.inner.mail.letters) >= len(wanted))
        assert self.inner.subjects() == wanted

    async def empty_the_card(self) -> None:
        """From now on the bank declines it."""
        (plan,) = self.at_stripe("subscriptions")
        card = plan["default_payment_method"]
        await self.simulated(f"/_sim/payment_methods/{card}/behaviour", card="insufficient_funds")

    async def simulated(self, path: str, **body: object) -> dict[str, Any]:
        """A control call. In a thread: what it sets off may need us to answer."""
        return await asyncio.to_thread(self.control.post, path, body)

    def at_stripe(self, things: str, **query: str) -> list[dict[str, Any]]:
        """As the simulator keeps them."""
        return self.control.get(f"/_sim/{things}", **query)[things]


@asynccontextmanager
async def billed_world(
    env: WorkflowEnvironment, issuer: Issuer, stripe_url: str
) -> AsyncGenerator[Billed]:
    """Everything started; the simulator fresh."""
    issuing, listening = bound_socket(), bound_socket()
    issuer.url = f"http://{HOST}:{port_of(issuing)}/"
    public_url = f"http://{HOST}:{port_of(listening)}"
    with SimulatorControl(stripe_url, CONTROL_TOKEN) as control:
        control.reset()
        hook = {"url": f"{public_url}/webhooks/stripe", "secret": WEBHOOK_SECRET}
        control.post("/_sim/webhook_endpoints", hook)
        payments = StripePayments(SecretStr(KEY), stripe_url)
        inner = await build_world(env)
        gateways = Gateways(inner.records, FakeBookingProviders({}), payments, MANDATES)
        door = FrontDoor.over(env.client, gateways, public_url, clock=inner.clock, price_id=PRICE)
        inner = replace(inner, gateways=gateways, door=door)
        app = build_app(
            door,
            AuthSettings(
                auth0_audience=AUDIENCE, auth_issuer=issuer.url, auth_jwks_url=issuer.jwks_url
            ),
            ServerSettings(mcp_host=HOST, mcp_port=port_of(listening), public_url=public_url),
            stripe=StripeSignature(SecretStr(WEBHOOK_SECRET)),
        )
        user = await inner.records.user_for(issuer.url, "auth0|ann")
        await inner.records.save_guardian(user, PARENT)
        async with (
            serving((issuer.app(), issuing), (app, listening)),
            inner.served(),
            httpx.AsyncClient(base_url=public_url, timeout=20, verify=TLS) as http,
        ):
            world = Billed(inner, http, control, issuer.token("ann"), user)
            await world.begin_before_a_long_month()
            yield world
        await payments.aclose()
