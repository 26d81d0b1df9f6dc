"""Made-up families, each with a child and a saved card."""

from datetime import date
from typing import NamedTuple
from uuid import UUID, uuid4

import httpx

from bench.complaint import BenchError
from domain.family import Guardian, NewChild
from starter import FrontDoor

CARD = "success"
"""The simulator's card that pays without asking."""

PARENT = Guardian(
    first_name="Pat",
    last_name="Bench",
    email="pat.bench@example.com",
    phone="+1 617 555 0100",
    birth_date=date(1985, 4, 2),
)
CHILD = NewChild(first_name="Kim", last_name="Bench", birth_date=date(2017, 5, 6))


class Family(NamedTuple):
    """A user with one child."""

    user_id: UUID
    child_id: UUID


async def save_families(door: FrontDoor, count: int) -> list[Family]:
    """So many new users, ready to confirm a registration.

    Raises:
        BenchError: a card could not be saved.
    """
    async with httpx.AsyncClient(trust_env=False) as browser:
        return [await _family(door, browser) for _ in range(count)]


async def _family(door: FrontDoor, browser: httpx.AsyncClient) -> Family:
    user_id = await door.user_for("https://bench.example/", f"bench|{uuid4()}")
    await door.family.save_guardian(user_id, PARENT)
    child = await door.family.add_child(user_id, CHILD)
    page = await door.cards.start_setup(user_id)
    answer = await browser.post(page.url, data={"card": CARD})
    if not answer.is_redirect:
        raise BenchError(f"The simulator's card page answered {answer.status_code}.")
    await door.cards.payment_method(user_id)
    return Family(user_id, child.id)
