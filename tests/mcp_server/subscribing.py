"""A parent at the HTTP API for subscriptions."""

from datetime import date
from typing import Any
from uuid import UUID

import httpx

from domain.account_looks import AccountLook
from domain.family import Guardian
from tests.mcp_server.world import CARD, TLS, World

PATHS = {
    ("GET", ""),
    ("POST", "/checkout"),
    ("POST", "/cancel"),
    ("POST", "/reactivate"),
    ("PUT", "/payment-method"),
    ("GET", "/invoices"),
}

ANN = Guardian(
    first_name="Ann",
    last_name="Lind",
    email="ann@example.com",
    phone="+1 212 555 0100",
    birth_date=date(1985, 4, 1),
)


async def sent(world: World, method: str, path: str, token: str | None) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    async with httpx.AsyncClient(base_url=world.base, timeout=10, verify=TLS) as http:
        return await http.request(method, f"/api/subscriptions{path}", headers=headers)


async def asked(world: World, method: str, path: str = "", user: str = "ann") -> dict[str, Any]:
    """The answer of a request that must succeed."""
    answer = await sent(world, method, path, world.issuer.token(user + world.people))
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.json()


async def refused(world: World, method: str, path: str = "", *, status: int = 409) -> list[str]:
    """The codes of a request that must fail so; each with a sentence."""
    answer = await sent(world, method, path, world.issuer.token("ann" + world.people))
    assert answer.status_code == status, answer.text
    reasons = answer.json()["error"]["reasons"]
    assert all(reason["sentence"].endswith(".") for reason in reasons)
    return [reason["code"] for reason in reasons]


async def parent(world: World, user: str = "ann") -> UUID:
    """Somebody who has said who they are."""
    user_id = await world.user_id(user)
    await world.records.save_guardian(user_id, ANN)
    return user_id


async def subscribed(world: World, user: str = "ann") -> str:
    """Paid on the page, and seen here; the subscription's id."""
    user_id = await parent(world, user)
    await asked(world, "POST", "/checkout", user)
    session_id = (await world.records.subscription(user_id)).unsettled_page
    assert session_id is not None
    subscription_id = world.billing.complete_checkout(session_id, CARD)
    await see(world, user_id, subscription_id)
    return subscription_id


async def see(world: World, user_id: UUID, subscription_id: str) -> None:
    """What the worker does of Stripe's word."""
    row = await world.records.subscription(user_id)
    if row.unsettled_page is not None:
        await world.records.end_checkout(user_id, row.unsettled_page, CARD)
    billed = await world.billing.subscription(subscription_id)
    assert billed is not None
    look = (await world.records.begin_look(user_id)).look
    await world.records.mirror(user_id, look, billed)


def looked_at(world: World) -> list[UUID]:
    """The accounts that the worker was asked to look at."""
    orders = world.temporal.started.values()
    return [order.user_id for order in orders if isinstance(order, AccountLook)]
