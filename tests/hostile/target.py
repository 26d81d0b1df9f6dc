"""The server under attack, with a family that has something to lose."""

import itertools
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
from pydantic import SecretStr

from mcp_server.limits import Limits
from tests.mandates import seed
from tests.mcp_server.issuer import Issuer, new_key
from tests.mcp_server.world import TLS, World, running

ATTACKERS = 40
"""Each stays within a user's limits, so that the tools are attacked and not the limits."""

ANSWER_WITHIN_S = 10

LIMITS = Limits(body_within=timedelta(seconds=1))
"""Those of the program, but for slow bodies: waiting for them takes longest."""


@dataclass(frozen=True)
class Target:
    """One running server."""

    world: World
    http: httpx.AsyncClient
    tools: dict[str, dict[str, Any]]
    """The schema of each tool's arguments, as the server publishes it."""
    anothers: tuple[str, str]
    """Ids of a registration and of a draft that belong to no attacker."""
    tokens: Iterator[str] = field(repr=False)
    """The attackers' good tokens, in turn for ever."""


@asynccontextmanager
async def target() -> AsyncGenerator[Target]:
    """A server on a loopback port; every attacker is known to it before anything is compared."""
    async with (
        running(Issuer(new_key()), limits=LIMITS, question_keys=SecretStr(seed(21))) as world,
        httpx.AsyncClient(base_url=world.base, timeout=ANSWER_WITHIN_S, verify=TLS) as http,
    ):
        registration = await world.pending("ann")
        child = await world.family("bea")
        draft = await world.answer("bea", "schedule_registration", **world.wish(child))
        for number in range(ATTACKERS):
            await world.user_id(f"mallory-{number}")
        async with world.chat("ann") as chat:
            listed = (await chat.list_tools()).tools
        yield Target(
            world,
            http,
            {tool.name: tool.input_schema for tool in listed},
            (registration["registration_id"], draft["registration_id"]),
            itertools.cycle(
                [world.issuer.token(f"mallory-{number}") for number in range(ATTACKERS)]
            ),
        )
