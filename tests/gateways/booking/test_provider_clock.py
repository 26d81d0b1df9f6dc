"""How the provider's clock stands to ours, on a simulated host and way."""

import asyncio
import math
import random
from datetime import timedelta
from email.utils import formatdate

import httpx
import pytest

from domain.clock_interval import ClockInterval
from domain.clocks import ClockReading
from domain.errors import Throttled
from gateways.bookeo.answer import Answer, NoAnswer, NotSent
from gateways.bookeo.provider_clock import ProviderClock
from tests.gateways.booking.virtual_time import START, VirtualTime

ROUNDING = 2e-6
LOCAL, NEAR, FAR = (0.001, 0.002), (0.02, 0.04), (0.15, 0.4)


class Host:
    """A host whose clock is `ahead` of ours, and the way to it."""

    def __init__(self, ahead: float, way: tuple[float, float] = NEAR, seed: int = 1) -> None:
        self.time = VirtualTime()
        self.ahead = ahead
        self.drift = 0.0
        self.headers: dict[str, str] = {}
        self.asked: list[float] = []
        self._way = way
        self._random = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.clock = ProviderClock(
            self.time.now, monotonic=self.time.monotonic, sleep=self.time.sleep
        )

    @property
    def truth(self) -> float:
        return self.ahead + self.drift * self.time.passed

    async def ask(self) -> Answer:
        """One request: the way there takes 5 to 95 % of the whole."""
        way = self._random.uniform(*self._way)
        there = way * self._random.uniform(0.05, 0.95)
        at = self.time.now()
        await self.time.sleep(there)
        theirs = START + self.time.passed + self.truth
        self.asked.append(theirs % 1)
        date = {"Date": formatdate(math.floor(theirs), usegmt=True)}
        await self.time.sleep(way - there)
        took = timedelta(seconds=way)
        answer = Answer(200, httpx.Headers({**date, **self.headers}), b"", at, took, took)
        self.clock.heard(answer)
        return answer

    async def probe(self, count: int) -> None:
        for _ in range(count):
            await self.clock.probe(self.ask)

    def holds_the_truth(self) -> bool:
        reading = self.clock.reading
        assert reading.offset is not None
        assert reading.uncertainty is not None
        error = abs(reading.offset.total_seconds() - self.truth)
        return error <= reading.uncertainty.total_seconds() + ROUNDING


@pytest.mark.parametrize("way", [LOCAL, NEAR, FAR], ids=["local", "near", "far"])
@pytest.mark.parametrize("ahead", [-0.7, 0.7, 0.0, -2.5, 3600.3])
async def test_the_truth_is_never_outside_and_probes_narrow_it_to_about_the_way(
    ahead: float, way: tuple[float, float]
) -> None:
    for seed in range(25):
        host = Host(ahead, way, seed)
        dice = random.Random(seed)  # noqa: S311 - repeatable, not secret
        for _ in range(20):
            if dice.random() < 0.5:
                await host.time.sleep(dice.uniform(0, 3))
                await host.ask()
            else:
                await host.clock.probe(host.ask)
            assert host.holds_the_truth()
        await host.probe(8)
        uncertainty = host.clock.reading.uncertainty
        assert uncertainty is not None
        assert uncertainty.total_seconds() < max(0.005, way[1] * 0.75)


async def test_700_ms_behind_are_made_up_for_and_never_overdone() -> None:
    for seed in range(50):
        host = Host(-0.7, NEAR, seed)
        await host.probe(10)
        behind = host.clock.reading.surely_behind.total_seconds()
        assert 0.7 - 0.06 < behind <= 0.7


@pytest.mark.parametrize("ahead", [0.7, 0.0])
async def test_a_clock_that_is_right_or_ahead_is_made_up_for_by_nothing(ahead: float) -> None:
    for seed in range(50):
        host = Host(ahead, NEAR, seed)
        await host.probe(10)
        assert host.clock.reading.surely_behind == timedelta()


async def test_probes_arrive_when_the_hosts_second_is_full() -> None:
    host = Host(-0.3, NEAR)
    await host.probe(8)

    assert all(min(phase, 1 - phase) < 0.05 for phase in host.asked[-3:])


async def test_probes_come_about_once_a_second_and_wait_no_longer_than_that() -> None:
    host = Host(0.4, LOCAL)
    for _ in range(8):
        before = host.time.passed
        await host.clock.probe(host.ask)
        assert host.time.passed - before < 1.15
    assert host.time.passed > 4


@pytest.mark.parametrize("way", [LOCAL, NEAR, FAR, (0.02, 0.4)])
async def test_a_reading_as_narrow_as_it_gets_is_left_alone_for_a_minute(
    way: tuple[float, float],
) -> None:
    host = Host(0.1, way)
    await host.probe(25)
    before = len(host.asked)

    assert before < 25
    assert not await host.clock.probe(host.ask)
    assert len(host.asked) == before
    await host.time.sleep(61)
    assert await host.clock.probe(host.ask)


async def test_one_probe_at_a_time_serves_everybody() -> None:
    host = Host(0.1)
    answers = asyncio.Event()

    async def slow() -> Answer:
        await answers.wait()
        return await host.ask()

    first = asyncio.create_task(host.clock.probe(slow))
    await asyncio.sleep(0)
    assert not await host.clock.probe(host.ask)
    answers.set()

    assert await first
    assert len(host.asked) == 1


@pytest.mark.parametrize(
    "failure", [NotSent("ConnectError"), NoAnswer("reset"), Throttled(timedelta(seconds=3))]
)
async def test_a_provider_that_does_not_answer_leaves_the_reading_as_it_was(
    failure: Exception,
) -> None:
    host = Host(0.1)
    await host.probe(3)
    before = host.clock.reading.readings

    async def fail() -> Answer:
        raise failure

    assert not await host.clock.probe(fail)
    assert host.clock.reading.readings == before
    assert await host.clock.probe(host.ask)


@pytest.mark.parametrize(
    "headers",
    [
        {"Date": ""},
        {"Age": "0"},
        {"X-Cache": "Hit from a cache"},
        {"Date": "yesterday"},
        {"Date": "Fri, 02 Jan 2026 03:00:00 -0000"},
        {"Date": "Fri, 02 Jan 99999999 03:00:00 GMT"},
    ],
    ids=["no date", "age", "cache", "nonsense", "no zone", "no such year"],
)
async def test_an_answer_that_does_not_tell_the_time_teaches_nothing(
    headers: dict[str, str],
) -> None:
    host = Host(0.1)
    host.headers = headers
    await host.ask()

    assert host.clock.reading == ClockReading()
    assert host.clock.reading.in_words() == "not known"


@pytest.mark.parametrize("step", [-1.5, 2.0, 3600])
async def test_a_clock_that_is_set_is_followed_from_the_next_answer_on(step: float) -> None:
    host = Host(0.1)
    await host.probe(10)
    host.ahead += step
    await host.ask()

    assert host.clock.reading.readings == 1
    assert host.holds_the_truth()
    await host.probe(10)
    assert host.holds_the_truth()
    assert host.clock.reading.readings > 3


@pytest.mark.parametrize("drift", [45e-6, -45e-6])
async def test_clocks_may_run_apart_slowly(drift: float) -> None:
    host = Host(0.1)
    host.drift = drift
    for _ in range(40):
        await host.probe(1)
        await host.time.sleep(45)
        assert host.holds_the_truth()


async def test_readings_are_worth_less_with_time_and_nothing_in_the_end() -> None:
    host = Host(0.1)
    await host.probe(10)
    fresh = host.clock.reading.uncertainty
    await host.time.sleep(200)
    old = host.clock.reading.uncertainty
    await host.time.sleep(400)

    assert fresh is not None
    assert old is not None
    assert old - fresh == pytest.approx(timedelta(milliseconds=10), abs=timedelta(milliseconds=1))
    assert host.clock.reading == ClockReading()


def test_the_newest_reading_alone_counts_when_it_contradicts() -> None:
    interval = ClockInterval()
    interval.narrow(0.0, 1.0, at=10)
    interval.narrow(0.4, 1.4, at=10)
    assert interval.bounds(10) == pytest.approx((0.4, 1.0))
    interval.narrow(1.2, 2.2, at=10)
    assert interval.bounds(10) == pytest.approx((1.2, 2.2))


def test_the_estimate_is_a_value_with_its_doubt() -> None:
    interval = ClockInterval()
    interval.narrow(-0.8, -0.6, at=0)

    assert interval.reading(0) == ClockReading(
        offset=timedelta(seconds=-0.7), uncertainty=timedelta(seconds=0.1), readings=1
    )
