"""What the bare programs are given and tell: JSON lines on stdin and stdout."""

import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from bench.provider import CATEGORY, COURSE
from concurrency import of_each
from domain.booking import BookingOrder
from domain.family import Child, Guardian
from domain.frozen import Frozen, Instant
from gateways import BookingProviders

READY_BEFORE = timedelta(seconds=6)
"""From "all armed" to the sending: the meters are read in between."""

AT_ONCE = 16

GUARDIAN = Guardian(
    first_name="Robin",
    last_name="Floor",
    email="robin.floor@example.com",
    phone="+1 617 555 0101",
    birth_date=date(1985, 4, 2),
)
CHILD = Child(id=uuid4(), first_name="Sam", last_name="Floor", birth_date=date(2017, 5, 6))


class Wanted(Frozen):
    """One booking to send."""

    reference: str
    credentials: str
    event_id: str
    event_start: Instant
    delay: timedelta = timedelta()
    """After the common instant, where several share an account."""


class Job(Frozen):
    """Everything that one program sends at its instant, which it chooses itself."""

    wanted: tuple[Wanted, ...]


class Armed(Frozen):
    """The first line told: from now on it only waits."""

    send_at: Instant
    uvloop: bool = False


class Sent(Frozen):
    """The last line told."""

    answered_s: float
    """From the instant to the last answer."""
    answers: dict[str, int]


def read_job() -> Job:
    """What to do, from stdin."""
    return Job.model_validate_json(sys.stdin.readline())


def tell(what: Armed | Sent) -> None:
    """One line to whoever started us."""
    sys.stdout.write(what.model_dump_json() + "\n")
    sys.stdout.flush()


def until_dismissed() -> None:
    """Stay until stdin is closed: what was used can be read only of a living process."""
    sys.stdin.read()


def soon() -> datetime:
    """The instant to send at, once all is armed: a whole second."""
    return (datetime.now(UTC) + READY_BEFORE).replace(microsecond=0)


async def orders(providers: BookingProviders, wanted: Sequence[Wanted]) -> list[BookingOrder]:
    """The bookings, for one family that each account is made to know first."""

    async def known_at(credentials: str) -> BookingOrder:
        people = await providers.account(credentials).people(GUARDIAN, (CHILD,), CATEGORY)
        return BookingOrder(
            reference="",
            product_id=COURSE,
            event_id="",
            event_start=datetime.now(UTC),
            people_category=CATEGORY,
            people=people,
        )

    accounts = list(dict.fromkeys(one.credentials for one in wanted))
    known_by = await of_each(accounts, known_at, at_once=AT_ONCE)
    known = dict(zip(accounts, known_by, strict=True))
    return [
        known[one.credentials].model_copy(
            update={
                "reference": one.reference,
                "event_id": one.event_id,
                "event_start": one.event_start,
            }
        )
        for one in wanted
    ]
