"""The whole tale: what the parent and the chat do, then what everybody else saw."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from domain.answers import RegistrationAnswer
from domain.registrations import Receipt
from sandbox.demo.chat import Chat, chatting
from sandbox.demo.family import USER, introduce, save_card
from sandbox.demo.narrator import Narrator
from sandbox.demo.opening import follow
from sandbox.demo.papers import show_receipt, show_trail
from sandbox.demo.scheduling import agree, find
from sandbox.demo.swim_team import SwimTeam
from sandbox.demo.witnesses import Witnesses
from sandbox.issuer.signing_keys import SigningKeys
from sandbox.issuer.tokens import mint
from sandbox.seed import seed


class Tale:
    """One family's registration, told while it happens.

    Args:
        data: the folder of a running sandbox.
        env: its variables.
        ahead_seconds: how far away the opening is when the parent hears of it.
        team: the program to sign up for.
    """

    def __init__(
        self,
        data: Path,
        env: Mapping[str, str],
        narrator: Narrator,
        *,
        ahead_seconds: float,
        team: SwimTeam,
    ) -> None:
        self._data = data
        self._env = env
        self._narrator = narrator
        self._ahead_seconds = ahead_seconds
        self._team = team

    def tell(self) -> Receipt:
        """From an empty account to the receipt.

        Raises:
            SandboxError: a step failed, or a promise was not kept; says which, and why.
            ControlError: a simulator refused.
            httpx.HTTPError: a program of the sandbox did not answer.
        """
        self._narrator.fact("Seeded", seed(self._env, [self._team.listing]))
        registration, receipt = asyncio.run(self._in_the_chat())
        witnesses = Witnesses(self._env, self._narrator, registration)
        self._narrator.chapter("What the others saw")
        witnesses.show_provider()
        witnesses.show_payment()
        witnesses.show_mail()
        witnesses.show_workflow()
        return receipt

    async def _in_the_chat(self) -> tuple[RegistrationAnswer, Receipt]:
        async with chatting(self._env["MCP_URL"], self._token()) as chat:
            registration = await self._signed_up(chat)
            self._narrator.chapter("The receipt")
            receipt = await show_receipt(chat, self._narrator, registration)
            await show_trail(chat, self._narrator, registration)
            return registration, receipt

    async def _signed_up(self, chat: Chat) -> RegistrationAnswer:
        children = await introduce(chat, self._narrator)
        await save_card(chat, self._narrator)
        await find(chat, self._narrator, self._team)
        confirmed = await agree(
            chat, self._narrator, self._env, self._team, children, self._ahead_seconds
        )
        return await follow(chat, self._narrator, confirmed)

    def _token(self) -> str:
        return mint(
            SigningKeys(self._data / "issuer"),
            issuer=self._env["AUTH_ISSUER"],
            audience=self._env["AUTH0_AUDIENCE"],
            user=USER,
        )
