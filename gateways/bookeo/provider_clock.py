"""How the clock of the provider's host stands to ours, told by the `Date` of its answers.

`Date` has whole seconds, so one answer tells the difference to within a second and its own way.
Requests aimed at the host's full second tell most: whether it is past already halves the doubt,
down to what the way of a request costs. A host that refreshes its `Date` less often than it
answers seems to be behind by up to that; where this varies, its answers contradict each other.
"""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache

from domain.clock_interval import ClockInterval
from domain.clocks import AGREEING, ClockReading
from domain.errors import Throttled
from gateways.bookeo.answer import Answer, NoAnswer, NotSent

SLOWEST_TICK_S = 0.004
"""A host may read a clock that the kernel moves on only every 4 ms."""

FRESH_S = 60.0

NARROW_S = 0.010
"""Narrower than this is of no use."""

WAYS = 1.2
"""As narrow as it gets: so many times the quickest way there and back."""

IN_VAIN = 4
"""After so many probes that brought hardly anything, the next would not either."""

HARDLY = 0.9

LEAST_GAP_S = 0.1
"""Between two probes; once they are aimed, they are a second apart."""


class ProviderClock:
    """The clock of one host, shared by all accounts there."""

    def __init__(
        self,
        now: Callable[[], datetime],
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._now = now
        self._monotonic = monotonic
        self._sleep = sleep
        self._interval = ClockInterval()
        self._quickest_s = math.inf
        self._heard_at = -math.inf
        self._probed_at = -math.inf
        self._probing = False
        self._in_vain = 0

    @property
    def reading(self) -> ClockReading:
        """The estimate by every answer so far that counts."""
        return self._interval.reading(self._monotonic())

    def heard(self, answer: Answer) -> None:
        """Learn from an answer of the host; one that a cache may have given teaches nothing."""
        headers = answer.headers
        if "Age" in headers or "hit" in headers.get("X-Cache", "").lower():
            return
        date = _epoch_seconds(headers.get("Date", ""))
        if date is None:
            return
        way = answer.head_after.total_seconds()
        before = answer.first_byte_at.timestamp()
        self._heard_at = self._monotonic()
        self._quickest_s = min(self._quickest_s, way)
        self._interval.narrow(
            date - (before + way), date + 1 + SLOWEST_TICK_S - before, self._heard_at
        )

    async def probe(self, ask: Callable[[], Awaitable[Answer]]) -> bool:
        """Let `ask` send something harmless when it tells most, at most about once a second.

        Its answer is not looked at here: whoever sends also hands it to `heard`.

        Returns:
            Whether an answer came. False at once where another probe is under way or nothing
            is to be gained.
        """
        if self._probing or self._settled:
            return False
        self._probing = True
        try:
            await self._sleep(self._until_aim())
            before = self.reading
            self._probed_at = self._monotonic()
            await ask()
        except (NotSent, NoAnswer, Throttled):
            return False
        finally:
            self._probing = False
        self._judge(before, self.reading)
        return True

    @property
    def _settled(self) -> bool:
        reading = self.reading
        if reading.uncertainty is None or reading.readings < AGREEING:
            return False
        if self._monotonic() - self._heard_at >= FRESH_S:
            return False
        width = 2 * reading.uncertainty.total_seconds()
        return width < max(NARROW_S, WAYS * self._quickest_s) or self._in_vain >= IN_VAIN

    def _until_aim(self) -> float:
        """Seconds to wait so that the host's second is full when the request is half way."""
        offset = self.reading.offset
        if offset is None:
            return 0.0
        half_way = self._quickest_s / 2
        gap = max(0.0, self._probed_at + LEAST_GAP_S - self._monotonic())
        theirs = self._now().timestamp() + offset.total_seconds() + half_way
        return math.ceil(theirs + gap) - theirs

    def _judge(self, before: ClockReading, after: ClockReading) -> None:
        narrower = (
            before.uncertainty is None
            or after.uncertainty is None
            or after.readings < before.readings
            or after.uncertainty < before.uncertainty * HARDLY
        )
        self._in_vain = 0 if narrower else self._in_vain + 1


@lru_cache(maxsize=16)
def _epoch_seconds(text: str) -> float | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    # Without a zone it is no HTTP date.
    return None if date.tzinfo is None else date.timestamp()
