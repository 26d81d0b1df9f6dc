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
    email: str = PARENT.email
    """Where the parent's letters go."""


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
                work = [new_family(self._door, browser) for _ in range(missing)]
                self._made += await self._progress.each("families", work, AT_ONCE)
        return self._made[:count]


async def new_family(door: FrontDoor, browser: httpx.AsyncClient, card: str = CARD) -> Family:
    """A family with a mailbox of its own and that card.

    Raises:
        BenchError: the card could not be saved.
    """
    name = f"pat.{uuid4().hex[:12]}"
    user_id = await door.user_for("https://bench.example/", f"bench|{name}")
    email = f"{name}@example.com"
    await door.family.save_guardian(user_id, PARENT.model_copy(update={"email": email}))
    child = await door.family.add_child(user_id, CHILD)
    family = Family(user_id, child.id, email)
    await save_card(door, browser, family, card)
    return family


async def save_card(
    door: FrontDoor, browser: httpx.AsyncClient, family: Family, card: str = CARD
) -> None:
    """Choose that test card on the hosted page, as the parent would.

    Raises:
        BenchError: the page did not take it.
    """
    page = await door.cards.start_setup(family.user_id)
    answer = await browser.post(page.url, data={"card": card})
    if not answer.is_redirect:
        raise BenchError(f"The simulator's card page answered {answer.status_code}.")
    await door.cards.payment_method(family.user_id)
