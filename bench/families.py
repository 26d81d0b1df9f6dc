"""Made-up families, each with a child and a saved card: they serve every run."""

from datetime import date
from typing import NamedTuple
from uuid import UUID, uuid4

import httpx

from bench.complaint import BenchError
from bench.progress import Progress
from domain.family import Guardian, NewChild
from starter import FrontDoor

CARD = "success"
"""The simulator's card that pays without asking."""

AT_ONCE = 8

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


class Families:
    """As many as were ever asked for. A child may take part in any number of events."""

    def __init__(self, door: FrontDoor, progress: Progress) -> None:
        self._door = door
        self._progress = progress
        self._made: list[Family] = []

    async def first(self, count: int) -> list[Family]:
        """So many, the same ones each time.

        Raises:
            BenchError: a card could not be saved.
        """
        missing = count - len(self._made)
        if missing > 0:
            self._progress.say(f"saving {missing:,} families with their cards")
            async with httpx.AsyncClient(trust_env=False) as browser:
                work = [_family(self._door, browser) for _ in range(missing)]
                self._made += await self._progress.each("families", work, AT_ONCE)
        return self._made[:count]


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
