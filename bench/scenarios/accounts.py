"""Many registrations over fewer accounts: order and pace within each, and no account slows another.

One account answers 429 to the first request of each booking, one never answers it. An account also
takes only so many requests at a time, and here they come faster than the stand-in answers: so
lateness counts from when the account's own limits, all of them, let a booking go.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise, zip_longest
from typing import NamedTuple
from uuid import UUID

from bench.figures import spread
from bench.opening import Opening
from bench.scenarios.scenario import Check, Finding, Scenario
from bench.systems import SYSTEMS, Ground, Plan
from bench.systems.registered import Observed, Registered
from bench.systems.signupassist import SignupAssist
from bench.world import World
from domain.identifiers import external_ref
from domain.pacing import Pace
from domain.timing import Timing
from sandbox.program import Child

PER_ACCOUNT = 10
THROTTLED, HANGING = 0, 1
JITTER_MS = 10.0
"""What scheduling on a busy machine may take off a distance between two requests."""
TIMES_THE_FLOOR = 2


class Trouble:
    """Makes two accounts misbehave at their bookings."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def __call__(
        self, opening: Opening, ids: Sequence[UUID], _children: Sequence[Child]
    ) -> None:
        """Once for every registration of the two."""
        kinds = {THROTTLED: "throttle", HANGING: "hang"}
        with self._world.provider.control() as control:
            for place, registration_id in zip(opening.places, ids, strict=True):
                if place.account in kinds:
                    control.add_fault(
                        kinds[place.account],
                        endpoint="POST /v2/bookings",
                        reference=external_ref(registration_id),
                    )


async def _play(ground: Ground, n: int, tls: bool) -> Finding:
    accounts = max(n // PER_ACCOUNT, 3)
    progress = ground.world.progress
    progress.begin("accounts floor:")
    crowd = await SYSTEMS["floor"].measure(ground, Plan(n=n, tls=tls))
    paced = await SYSTEMS["floor"].measure(ground, Plan(n=n, tls=tls, accounts=accounts))
    progress.begin("accounts:")
    plan = Plan(n=n, tls=tls, accounts=accounts)
    trouble = Trouble(ground.world)
    try:
        observed = await Registered(ground, plan, SignupAssist(), trouble).observe()
    finally:
        with ground.world.provider.control() as control:
            control.clear_faults()
    queues = _queues(observed)
    good = {account: queue for account, queue in queues.items() if account > HANGING}
    after = observed.arrivals.after(observed.due)
    turns = [turn for queue in good.values() for turn in _turns(observed, queue)]
    own = spread([turn.late_ms for turn in turns])
    overfull = sum(turn.too_many for turn in turns)
    others = spread([after[one] for queue in good.values() for one in queue if one in after])
    floor_ms, worst = crowd.row.p99_ms or 0.0, own["p99_ms"] or float("inf")
    detail = observed.measured.detail
    once = detail.bookings.get("one", 0)
    disordered, crowded, unlike = _disorder(observed, good)
    return Finding(
        scenario="accounts",
        checks=(
            Check(promise=f"all {n} booked once", measured=str(detail.bookings), kept=once == n),
            Check(
                promise="within an account, the order is that of confirmation",
                measured=f"{disordered} pairs in another order",
                kept=not disordered,
            ),
            Check(
                promise="rate, burst and spacing kept, nothing before its send time",
                measured=f"{crowded} pairs too close, earliest {others['earliest_ms']} ms",
                kept=not crowded and (others["earliest_ms"] or 0) >= 0,
            ),
            Check(
                promise=f"never more than {Pace().concurrency} of an account under way",
                measured=f"{overfull} sent beyond that",
                kept=not overfull,
            ),
            Check(
                promise="the row's send time is the one that rank and pace give",
                measured=f"{unlike} differ",
                kept=not unlike,
            ),
            Check(
                promise=f"no other account later than {TIMES_THE_FLOOR} times the floor, from when "
                "its own limits let a booking go",
                measured=f"p99 {worst:.1f} ms, floor {floor_ms:.1f} ms",
                kept=worst <= TIMES_THE_FLOOR * floor_ms,
            ),
        ),
        figures={
            "n": n,
            "accounts": accounts,
            "floor_p99_ms": floor_ms,
            "floor_same_accounts_p99_ms": paced.row.p99_ms,
            **{f"others_{name}": value for name, value in own.items()},
            **{f"others_from_send_time_{name}": value for name, value in others.items()},
            "all_done_s": observed.measured.row.all_done_s,
            "armed_late": detail.armed_late,
            **{
                f"rank_{rank}_{name}": value
                for rank, each in enumerate(_by_rank(good.values(), after), start=1)
                for name, value in each.items()
                if name in {"p50_ms", "max_ms"}
            },
        },
    )


def _queues(observed: Observed) -> dict[int, list[str]]:
    """The references of each account, in the order in which they are due."""
    queues: dict[int, list[str]] = {}
    for place, registration_id in zip(observed.opening.places, observed.ids, strict=True):
        queues.setdefault(place.account, []).append(external_ref(registration_id))
    for queue in queues.values():
        queue.sort(key=lambda reference: observed.due[reference])
    return queues


class _Turn(NamedTuple):
    late_ms: float
    """From its send time, or from when the account had room, if that came later."""
    too_many: bool


def _turns(observed: Observed, queue: Sequence[str]) -> Iterator[_Turn]:
    """How the first requests of an account kept to how many it takes at a time."""
    most, answered = Pace().concurrency, list[float]()
    for reference in queue:
        found = observed.arrivals.requests.get(reference)
        if not found:
            continue
        first, finished = found[0], sorted(answered)
        room_ms = finished[-most] if len(finished) >= most else 0.0
        due_ms = observed.due[reference].timestamp() * 1_000
        yield _Turn(
            late_ms=first.arrived_ms - max(due_ms, room_ms),
            too_many=first.arrived_ms < room_ms - JITTER_MS,
        )
        answered.append(first.finished_ms or float("inf"))


def _by_rank(
    queues: Iterable[Sequence[str]], after: Mapping[str, float]
) -> list[dict[str, float | None]]:
    """How late those of each place in the queues were."""
    ranks = zip_longest(*queues)
    return [spread([after[one] for one in rank if one in after]) for rank in ranks]


def _disorder(observed: Observed, queues: Mapping[int, Sequence[str]]) -> tuple[int, int, int]:
    """Pairs out of order, pairs closer than the spacing, and rows with another send time."""
    spacing_ms = Pace().spacing.total_seconds() * 1_000
    rows = {external_ref(row_id): row for row_id, row in observed.rows.items()}
    disordered = crowded = unlike = 0
    for queue in queues.values():
        sent = [r for r in queue if r in observed.arrivals.requests]
        arrived = [observed.arrivals.requests[one][0].arrived_ms for one in sent]
        gaps = [later - earlier for earlier, later in pairwise(arrived)]
        disordered += sum(gap < 0 for gap in gaps)
        crowded += sum(0 <= gap < spacing_ms - JITTER_MS for gap in gaps)
        for rank, reference in enumerate(queue, start=1):
            planned = Pace().delay(rank).total_seconds() * 1_000
            told = rows[reference].queue_delay_ms
            unlike += told is None or abs(told - planned) > 1
    return disordered, crowded, unlike


accounts = Scenario(
    name="accounts",
    about="1,000 registrations over 100 accounts, one answering 429, one not at all",
    play=_play,
    n=1_000,
    timing=Timing(),
    accounts=lambda n: n,
)
