"""The parent who subscribes: what she asks of the API, does on Stripe's pages, and reads."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

import httpx
from pydantic import TypeAdapter, ValidationError

from domain.frozen import Frozen
from domain.subscription_answers import CheckoutAnswer, SubscriptionAnswer
from sandbox.complaint import SandboxError
from sandbox.demo.family import EMAIL
from sandbox.mail.store import CaughtMail

ANSWER_SECONDS = 20.0


class _Page(Frozen):
    url: str


class Subscriber:
    """Made by `subscribing`. Every method raises SandboxError where refused."""

    def __init__(self, api: httpx.AsyncClient, mails: str) -> None:
        self._api = api
        self._mails = mails

    async def standing(self) -> SubscriptionAnswer:
        """Where the subscription stands."""
        return SubscriptionAnswer.model_validate_json(await self._asked("GET", ""))

    async def checkout(self) -> CheckoutAnswer:
        """The page to subscribe on."""
        return CheckoutAnswer.model_validate_json(await self._asked("POST", "/checkout"))

    async def card_page(self) -> str:
        """The page to save another card on."""
        return _Page.model_validate_json(await self._asked("PUT", "/payment-method")).url

    async def pay_on(self, page: str, card: str) -> None:
        """That test card on a page of Stripe's, whose tab is then closed."""
        async with httpx.AsyncClient(timeout=ANSWER_SECONDS, trust_env=False) as browser:
            answer = await browser.post(page, data={"card": card})
        if answer.is_error:
            raise SandboxError(f"Stripe's page answered {answer.status_code} to the card.")

    async def letters(self) -> list[CaughtMail]:
        """All that came, oldest first."""
        answer = await self._api.get(self._mails, params={"to": EMAIL})
        return TypeAdapter(list[CaughtMail]).validate_json(answer.raise_for_status().content)

    async def _asked(self, method: str, path: str) -> bytes:
        answer = await self._api.request(method, f"/api/subscriptions{path}")
        if answer.is_error:
            raise SandboxError(f"{method} {path or '/'} was refused: {answer.text}")
        return answer.content


@asynccontextmanager
async def subscribing(env: Mapping[str, str], token: str) -> AsyncGenerator[Subscriber]:
    """Somebody with that token, in the sandbox with those variables.

    Raises:
        SandboxError: the API did not answer, or in a shape that its contract lacks.
    """
    try:
        async with httpx.AsyncClient(
            base_url=env["PUBLIC_URL"],
            headers={"Authorization": f"Bearer {token}"},
            timeout=ANSWER_SECONDS,
            trust_env=False,
        ) as api:
            yield Subscriber(api, f"{env['MAIL_CATCHER_URL']}/mails")
    except httpx.HTTPError as silent:
        raise SandboxError(f"The API failed ({type(silent).__name__}): {silent}") from silent
    except ValidationError as unlike:
        raise SandboxError("The API answered in a shape that its contract lacks.") from unlike
