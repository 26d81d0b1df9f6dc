from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.contracts import CancelOrder
from domain.pacing import Pace
from domain.programs import ProviderAccount
from domain.registrations import Registration
from domain.states import RegistrationStatus
from gateways.fakes.records import InMemoryRecords
from tests.gateways.households import Household, key, new_household

OPENS = datetime(2031, 5, 1, 9, 0, tzinfo=UTC)
ROUNDING = 20e-6

PACES = st.builds(
    Pace,
    rate_per_second=st.sampled_from([0.7, 3.0, 50.0]),
    burst=st.integers(1, 4),
    spacing=st.sampled_from([timedelta(), timedelta(milliseconds=40), timedelta(seconds=1)]),
)
STEPS = st.lists(
    st.tuples(st.sampled_from(["confirm", "claim", "claim", "cancel", "wait"]), st.integers(0, 9)),
    min_size=8,
    max_size=30,
)


class Story:
    """One account and one opening, lived through step by step."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self.now = OPENS - timedelta(seconds=3)
        self.records = InMemoryRecords(lambda: self.now)
        self.order: list[UUID] = []

    async def live(self, steps: list[tuple[str, int]]) -> None:
        family = await new_household(self.records)
        account = ProviderAccount(org_ref=family.program.org_ref, name="Pool", pace=self.pace)
        await self.records.save_provider_account(account)
        for row in await family.queue(6, scheduled_time=OPENS):
            self.order.append(row.id)
        for step, which in steps:
            await self._step(family, step, which)

    async def _step(self, family: Household, step: str, which: int) -> None:
        match step:
            case "confirm":
                (row,) = await family.queue(1, scheduled_time=OPENS)
                self.order.append(row.id)
            case "wait":
                self.now += timedelta(milliseconds=250 * which)
            case "claim":
                if pending := self._now_in(RegistrationStatus.PENDING):
                    claim = await family.claim(pending[which % len(pending)])
                    assert claim.send_at >= max(self.now, OPENS)
            case _:
                # What has been sent is not cancelled like this.
                waiting = [
                    row
                    for row in self._now_in(
                        RegistrationStatus.PENDING, RegistrationStatus.EXECUTING
                    )
                    if row.send_at is None or row.send_at > self.now
                ]
                if waiting:
                    row = waiting[which % len(waiting)]
                    await self.records.cancel(
                        CancelOrder(
                            registration_id=row.id,
                            expected_version=row.version,
                            operation_key=key("cancel"),
                        )
                    )
        self.check()

    def check(self) -> None:
        ranks = [
            rank
            for row in self._now_in(RegistrationStatus.EXECUTING)
            if (rank := self.records.places[row.id].rank)
        ]
        assert ranks == sorted(set(ranks))
        sends = sorted(row.send_at for row in self.records.rows.values() if row.send_at)
        self._check_pace([(send - OPENS).total_seconds() for send in sends])

    def _check_pace(self, sends: list[float]) -> None:
        """No more in any stretch of time than the bucket held and gained."""
        for start, first in enumerate(sends):
            for many, last in enumerate(sends[start:], start=1):
                gained = (many - self.pace.burst) / self.pace.rate_per_second
                assert last - first >= gained - ROUNDING
        for one, next_one in pairwise(sends):
            assert next_one - one >= self.pace.spacing.total_seconds() - ROUNDING

    def _now_in(self, *statuses: RegistrationStatus) -> list[Registration]:
        rows = [self.records.rows[each] for each in self.order]
        return [row for row in rows if row.status in statuses]


@settings(max_examples=60)
@given(PACES, STEPS)
async def test_whatever_happens_ranks_keep_the_order_and_sends_keep_the_pace(
    pace: Pace, steps: list[tuple[str, int]]
) -> None:
    await Story(pace).live(steps)


@settings(max_examples=30)
@given(PACES, st.permutations(range(8)))
async def test_whoever_claims_first_everybody_has_the_turn_of_their_rank(
    pace: Pace, order: list[int]
) -> None:
    story = Story(pace)
    family = await new_household(story.records)
    account = ProviderAccount(org_ref=family.program.org_ref, name="Pool", pace=pace)
    await story.records.save_provider_account(account)
    rows = await family.queue(8, scheduled_time=OPENS)
    for place in order:
        claim = await family.claim(rows[place])
        assert claim.rank == place + 1
        off = claim.send_at - OPENS - pace.delay(claim.rank)
        assert abs(off) < timedelta(microseconds=50)
