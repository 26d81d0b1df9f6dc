"""Gateways that are watched: each call has a place before it and one after it."""

import inspect
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from connection import Gateways
from gateways import Mail
from tests.chaos.steps import ANY_EFFECT, SEND, is_effect
from tests.chaos.trap_plan import Point
from tests.chaos.traps import Traps

PLAIN_WAY = "book"
"""Of a booking that goes over no lane: to send it is the one effect either way."""


class Watched:
    """Stands before a gateway. What it hands out is watched too where it sends bookings."""

    def __init__(self, gateway: Any, traps: Traps) -> None:
        self._gateway = gateway
        self._traps = traps

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._gateway, name)
        if name == "account":
            return self._opened(member)
        if not inspect.iscoroutinefunction(member):
            return member
        return self._watched(name, member)

    def _opened(self, account: Callable[..., Any]) -> Callable[..., Any]:
        def opened(*given: Any, **named: Any) -> Watched:
            return Watched(account(*given, **named), self._traps)

        return opened

    def _watched(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        effects = [SEND if name == PLAIN_WAY else name]
        if is_effect(name):
            effects.append(ANY_EFFECT)

        async def watched(*given: Any, **named: Any) -> Any:
            for effect in effects:
                self._traps.reached_in_activity(Point.BEFORE_EFFECT, effect)
            answer = await call(*given, **named)
            for effect in effects:
                self._traps.reached_in_activity(Point.AFTER_EFFECT, effect)
            return Watched(answer, self._traps) if name == "arm" else answer

        return watched


def watched_factory(
    factory: Callable[..., AbstractAsyncContextManager[Gateways]],
    traps: Traps,
    prepare: Callable[[Gateways], Gateways],
) -> Callable[..., AbstractAsyncContextManager[Gateways]]:
    """The factory of gateways, each of which is then watched."""

    @asynccontextmanager
    async def opened(*, signing: bool = False) -> AsyncGenerator[Gateways]:
        async with factory(signing=signing) as real:
            given = prepare(real)
            yield Gateways(
                records=_watched(given.records, traps),
                providers=_watched(given.providers, traps),
                payments=_watched(given.payments, traps),
                mandates=given.mandates,  # nothing outside: it has no effect to be killed at
            )

    return opened


def watched_mail(factory: Callable[[], Mail], traps: Traps) -> Callable[[], Mail]:
    """The same for letters."""

    return lambda: _watched(factory(), traps)


def _watched(gateway: object, traps: Traps) -> Any:
    """It obeys the same Protocol, which a type checker cannot see."""
    return Watched(gateway, traps)
