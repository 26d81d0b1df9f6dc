"""A subscription, a payment that fails, and the 30 days after it, told while they pass."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from domain.subscriptions import SubscriptionStatus, Tier
from sandbox.complaint import SandboxError
from sandbox.demo.chat import chatting
from sandbox.demo.family import USER, introduce_parent
from sandbox.demo.narrator import Narrator
from sandbox.demo.short_grace import DAYS, begin_recovery
from sandbox.demo.stripe_months import StripeMonths, control_of, money
from sandbox.demo.subscriber import Subscriber, subscribing
from sandbox.issuer.signing_keys import SigningKeys
from sandbox.issuer.tokens import mint
from sandbox.mail.store import CaughtMail

SETTLES_SECONDS = 20.0
LOOKS_A_DAY = 4
PAID_ON_DAY = 29
WARNINGS = ("Your payment did not go through", "One week left to pay", "One day left to pay")
FAREWELL = "Your account is on the free plan"


class BillingTale:
    """One parent's subscription.

    Args:
        data: the folder of a running sandbox, in which nobody has subscribed yet.
        env: its variables.
        day_seconds: how long a day of the grace takes.
        paid: whether the parent pays on the last day but one.
    """

    def __init__(
        self,
        data: Path,
        env: Mapping[str, str],
        narrator: Narrator,
        *,
        day_seconds: float,
        paid: bool,
    ) -> None:
        self._data = data
        self._env = env
        self._narrator = narrator
        self._day_seconds = day_seconds
        self._paid = paid
        self._shown = 0
        self._began = 0.0

    def tell(self) -> str:
        """From the checkout to the end of the grace; returns the last sentence.

        Raises as `Story` says.
        """
        with control_of(self._env) as control:
            return asyncio.run(self._told(StripeMonths(control)))

    async def _told(self, stripe: StripeMonths) -> str:
        token = mint(
            SigningKeys(self._data / "issuer"),
            issuer=self._env["AUTH_ISSUER"],
            audience=self._env["AUTH0_AUDIENCE"],
            user=USER,
        )
        async with chatting(self._env["MCP_URL"], token) as chat:
            self._narrator.chapter("A parent")
            await introduce_parent(chat, self._narrator)
        async with subscribing(self._env, token) as parent:
            await self._subscribe(parent)
            run = await self._a_month_later(parent, stripe)
            await self._days_pass(parent, stripe)
            await self._settled(parent)
            self._narrator.chapter("What the others saw")
            stripe.show(self._narrator)
            await self._show_letters(parent)
        path = f"/namespaces/{self._env['TEMPORAL_NAMESPACE']}/workflows/{run}"
        self._narrator.address(
            "That run in Temporal's Web UI", f"{self._env['TEMPORAL_UI_URL']}{path}"
        )
        if self._paid:
            return f"Paid on day {PAID_ON_DAY}: nobody was downgraded."
        return f"Unpaid for {DAYS} days, warned {len(WARNINGS)} times, and then downgraded."

    async def _subscribe(self, parent: Subscriber) -> None:
        self._narrator.chapter("A subscription")
        page = await parent.checkout()
        self._narrator.tool("POST …/checkout", "a page of Stripe's")
        self._narrator.tool("GET …/subscriptions", (await parent.standing()).status.value)
        self._narrator.parent("(subscribes there with a test card, and closes the tab)")
        await parent.pay_on(page.url, "success")
        await _until(
            lambda: _stands(parent, SubscriptionStatus.ACTIVE, Tier.PREMIUM),
            "The page was paid on, but the account is not premium.",
        )
        self._narrator.tool("GET …/subscriptions", "active, premium: Stripe has told")

    async def _a_month_later(self, parent: Subscriber, stripe: StripeMonths) -> str:
        self._narrator.chapter("A month later")
        stripe.decline_the_card()
        invoice = stripe.let_the_month_pass()
        user = UUID(stripe.subscription["metadata"]["user_id"])
        day = timedelta(seconds=self._day_seconds)
        run = await begin_recovery(self._env, invoice["id"], user, day)
        self._began = time.monotonic()
        self._narrator.fact("Stripe (simulated)", f"the card is declined for {money(invoice)}")
        await _until(
            lambda: _stands(parent, SubscriptionStatus.PAST_DUE, Tier.PREMIUM),
            "A payment failed, but the account is not past due.",
        )
        self._narrator.tool("GET …/subscriptions", "past_due, premium: nothing changes yet")
        return run

    async def _days_pass(self, parent: Subscriber, stripe: StripeMonths) -> None:
        for look in range(DAYS * LOOKS_A_DAY + 1):
            day, hour = divmod(look, LOOKS_A_DAY)
            passed = look / LOOKS_A_DAY * self._day_seconds
            await asyncio.sleep(max(self._began + passed - time.monotonic(), 0))
            if day and not hour:
                stripe.let_a_day_pass()
            letters = await self._news(parent, day)
            if self._paid and day == PAID_ON_DAY and len(letters) == len(WARNINGS):
                await self._pay(parent)
                return

    async def _pay(self, parent: Subscriber) -> None:
        self._narrator.parent("(saves another card on the page in the letter)")
        await parent.pay_on(await parent.card_page(), "mastercard")

    async def _news(self, parent: Subscriber, day: int) -> list[CaughtMail]:
        letters = await parent.letters()
        for letter in letters[self._shown :]:
            self._narrator.fact(f"Day {day}", f"a letter: “{letter.subject}”")
        self._shown = len(letters)
        return letters

    async def _settled(self, parent: Subscriber) -> None:
        status, tier = (
            (SubscriptionStatus.ACTIVE, Tier.PREMIUM)
            if self._paid
            else (SubscriptionStatus.CANCELLED, Tier.FREE)
        )
        await _until(
            lambda: _stands(parent, status, tier), f"The account never came to be {status}, {tier}."
        )
        if self._paid:
            # What the grace would have ended with had time to come.
            await asyncio.sleep((DAYS - PAID_ON_DAY + 1) * self._day_seconds)
        expected = [*WARNINGS] if self._paid else [*WARNINGS, FAREWELL]
        await _until(
            lambda: _came(parent, expected), f"These letters were to come: {'; '.join(expected)}."
        )
        await self._news(parent, DAYS)
        if not await _stands(parent, status, tier):
            raise SandboxError(f"The account did not stay {status}, {tier}.")
        self._narrator.tool("GET …/subscriptions", f"{status}, {tier}")

    async def _show_letters(self, parent: Subscriber) -> None:
        letters = await parent.letters()
        self._narrator.fact("Mail to the parent", f"{len(letters)} letters, the last:")
        self._narrator.quote(letters[-1].text.strip())


async def _stands(parent: Subscriber, status: SubscriptionStatus, tier: Tier) -> bool:
    answer = await parent.standing()
    return (answer.status, answer.tier) == (status, tier)


async def _came(parent: Subscriber, subjects: list[str]) -> bool:
    return [letter.subject for letter in await parent.letters()] == subjects


async def _until(holds: Callable[[], Awaitable[bool]], complaint: str) -> None:
    deadline = time.monotonic() + SETTLES_SECONDS
    while not await holds():
        if time.monotonic() > deadline:
            raise SandboxError(complaint)
        await asyncio.sleep(0.1)
