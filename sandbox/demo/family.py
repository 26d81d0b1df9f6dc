"""The made-up parent, with two children and a test card, and how the chat gets to know them."""

from uuid import UUID

import httpx

from domain.answers import PaymentMethodAnswer
from domain.frozen import Frozen
from sandbox.complaint import SandboxError
from sandbox.demo.chat import Chat
from sandbox.demo.narrator import Narrator

USER = "maria"
"""Whose token is used: the subject is `local|maria`."""

EMAIL = "maria.lopez@example.com"
PROFILE = {
    "first_name": "Maria",
    "last_name": "Lopez",
    "email": EMAIL,
    "phone": "+1 212 555 0142",
    "birth_date": "1988-05-17",
}
CHILDREN = (
    {"first_name": "Ana", "last_name": "Lopez", "birth_date": "2016-04-12"},
    {"first_name": "Leo", "last_name": "Lopez", "birth_date": "2018-09-30"},
)
TEST_CARD = "success"


class _Profile(Frozen):
    complete: bool


class _Child(Frozen):
    child_id: UUID
    first_name: str


class _CardPage(Frozen):
    url: str


async def introduce(chat: Chat, narrator: Narrator) -> list[UUID]:
    """Save the parent's profile and both children; returns the children's ids.

    Raises:
        SandboxError: a tool refused.
    """
    narrator.chapter("A family")
    await introduce_parent(chat, narrator, "I am Maria Lopez, and these are Ana and Leo.")
    ids: list[UUID] = []
    for facts in CHILDREN:
        child = await chat.call("add_child", _Child, **facts)
        narrator.tool("add_child", f"{child.first_name}, born {facts['birth_date']}")
        ids.append(child.child_id)
    return ids


async def introduce_parent(
    chat: Chat, narrator: Narrator, words: str = "I am Maria Lopez."
) -> None:
    """Save the parent's profile, after she has said so in those words.

    Raises:
        SandboxError: the tool refused.
    """
    narrator.parent(words)
    profile = await chat.call("update_profile", _Profile, **PROFILE)
    narrator.tool("update_profile", f"complete: {'yes' if profile.complete else 'no'}")


async def save_card(chat: Chat, narrator: Narrator) -> None:
    """Save a test card on the hosted page, as the parent's browser would.

    Raises:
        SandboxError: a tool refused, or the page did not take the card.
    """
    narrator.parent("How do I pay?")
    page = await chat.call("start_card_setup", _CardPage)
    narrator.tool("start_card_setup", "a link to a page of Stripe's; nothing is charged now")
    narrator.parent("(opens the link and saves a test card there)")
    await _fill(page.url)
    method = await chat.call("get_payment_method", PaymentMethodAnswer)
    if method.card is None:
        raise SandboxError("The card page was filled in, but get_payment_method knows no card.")
    card = method.card
    narrator.tool(
        "get_payment_method",
        f"{card.brand} ending {card.last4}, good until {card.exp_month}/{card.exp_year}",
    )


async def _fill(url: str) -> None:
    try:
        async with httpx.AsyncClient(timeout=20, trust_env=False, follow_redirects=True) as browser:
            answer = await browser.post(url, data={"card": TEST_CARD})
    except httpx.HTTPError as silent:
        raise SandboxError(
            f"The card page could not be reached ({type(silent).__name__})."
        ) from silent
    if not answer.is_success:
        raise SandboxError(f"The card page answered {answer.status_code} instead of taking a card.")
