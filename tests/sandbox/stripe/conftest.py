"""The simulator served for real, and Stripe's own SDK as its client."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
import stripe

from sandbox.simulator.control import SimulatorControl
from sandbox.simulator.server import running
from sandbox.stripe.vendor import stripe_vendor

KEY = "sk_test_for_tests"
TOKEN = "control-token-for-tests"
WEBHOOK_SECRET = "whsec_for_tests"

stripe.enable_telemetry = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # The SDK hands its body to httpx in a way that httpx calls deprecated.
    spared = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(spared)


async def until(reached: Callable[[], object]) -> None:
    """Wait until it holds; TimeoutError after 20 seconds."""
    async with asyncio.timeout(20):
        while not reached():  # noqa: ASYNC110 - another process or thread makes it true
            await asyncio.sleep(0.02)


class Desk:
    """What a test works with: the SDK's client and the simulator's control."""

    def __init__(self, url: str, client: stripe.StripeClient, control: SimulatorControl) -> None:
        self.url = url
        self.client = client
        self.control = control

    async def customer_with(self, card: str, **how: object) -> tuple[str, str]:
        """A new customer with that test card: both ids."""
        customer = await self.client.v1.customers.create_async({"email": "parent@example.com"})
        path = f"/_sim/customers/{customer.id}/cards"
        return customer.id, self.control.post(path, {"card": card, **how})["id"]

    async def charge(
        self, customer: str, card: str, *, registration: str = "r1", number: int = 1
    ) -> stripe.PaymentIntent:
        """The fee, as our gateway charges it."""
        return await self.client.v1.payment_intents.create_async(
            {
                "amount": 2000,
                "currency": "usd",
                "customer": customer,
                "payment_method": card,
                "confirm": True,
                "off_session": True,
                "metadata": {"registration_id": registration, "charge_number": str(number)},
            },
            {"idempotency_key": f"fee-{registration}-{number}"},
        )

    def payments(self, **query: str) -> list[dict[str, Any]]:
        """PaymentIntents as the simulator keeps them."""
        return self.control.get("/_sim/payment_intents", **query)["payment_intents"]


@asynccontextmanager
async def connected(
    url: str, *, key: str = KEY, patience: float = 10
) -> AsyncGenerator[stripe.StripeClient, None]:
    """The SDK's client, as our gateway builds it."""
    transport = stripe.HTTPXClient(timeout=patience)
    yield stripe.StripeClient(
        key, base_addresses={"api": url}, http_client=transport, max_network_retries=0
    )
    await transport.close_async()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Generator[str, None, None]:
    vendor, data = stripe_vendor(KEY, WEBHOOK_SECRET), tmp_path_factory.mktemp("stripe")
    with running(vendor, data=data / "stripe.db", control_token=TOKEN) as url:
        yield url


@pytest.fixture
def url(served: str) -> str:
    """The address of a simulator in the state of a first start."""
    with SimulatorControl(served, TOKEN) as control:
        control.reset()
    return served


@pytest.fixture
def control(url: str) -> Generator[SimulatorControl, None, None]:
    with SimulatorControl(url, TOKEN) as control:
        yield control


@pytest.fixture
async def desk(url: str, control: SimulatorControl) -> AsyncGenerator[Desk, None]:
    async with connected(url) as client:
        yield Desk(url, client, control)


@pytest.fixture
async def browser(url: str) -> AsyncGenerator[httpx.AsyncClient, None]:
    async with httpx.AsyncClient(base_url=url, timeout=5, trust_env=False) as browser:
        yield browser


class Receiver:
    """A webhook endpoint that keeps what it gets."""

    def __init__(self, answers: list[int]) -> None:
        self.answers = answers
        """The statuses of the next answers; 200 when empty."""
        self.received: list[tuple[bytes, str]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.received.append((body, self.headers["stripe-signature"]))
                self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002 - its base's name

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhooks"
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    async def events(self, count: int) -> list[stripe.Event]:
        """The events, verified by the SDK, once that many deliveries arrived."""
        await until(lambda: len(self.received) >= count)
        return [
            stripe.Webhook.construct_event(body, signature, WEBHOOK_SECRET)
            for body, signature in self.received
        ]


@pytest.fixture
def receiver() -> Generator[Receiver, None, None]:
    receiver = Receiver([])
    yield receiver
    receiver.stop()
