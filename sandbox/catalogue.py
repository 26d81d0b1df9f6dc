"""The two made-up organisations of the sandbox and what they offer."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from domain.money import Cents
from domain.programs import OpeningSource, Program, ProviderAccount

TIME_ZONE = "America/New_York"
SECOND_CREDENTIALS = "northside"
"""`credentials_ref` of the second organisation: its key is BOOKEO_API_KEY__NORTHSIDE."""

_IDS = UUID("6f1d2c5e-3a57-4f0b-9b1e-0c8f3f4b7a10")
"""Program ids are derived from this and the event, so that every sandbox has the same ones."""


@dataclass(frozen=True)
class Organisation:
    """A business with an account at the booking provider."""

    account: ProviderAccount
    bookeo_account: str
    """The simulator's own name of the account."""


@dataclass(frozen=True)
class Listing:
    """A program to load: as SignupAssist keeps it, and what only its organiser knows."""

    organisation: Organisation
    program: Program
    capacity: int


@dataclass(frozen=True)
class Offer:
    """One event of one product, with its opening so many days ahead of the seeding day."""

    organisation: Organisation
    product: str
    event: str
    name: str
    price_cents: Cents
    capacity: int
    opens_in_days: int
    opens_at: time
    starts_in_days: int
    starts_at: time
    lasts: timedelta

    def listing(self, today: date) -> Listing:
        """The offer, seeded on that day."""
        return Listing(self.organisation, self._program(today), self.capacity)

    def _program(self, today: date) -> Program:
        starts = _local(today, self.starts_in_days, self.starts_at)
        org_ref = self.organisation.account.org_ref
        return Program(
            id=uuid5(_IDS, f"{org_ref}/{self.product}/{self.event}"),
            provider=self.organisation.account.provider,
            org_ref=org_ref,
            program_ref=self.product,
            event_id=self.event,
            name=self.name,
            starts_at=starts,
            ends_at=starts + self.lasts,
            time_zone=TIME_ZONE,
            opens_at=_local(today, self.opens_in_days, self.opens_at),
            opening_source=OpeningSource.OPERATOR,
            price_cents=self.price_cents,
        )


SWIM = Organisation(
    ProviderAccount(org_ref="riverside-swim", name="Riverside Swim School"), "default"
)
SOCCER = Organisation(
    ProviderAccount(
        org_ref="northside-soccer",
        name="Northside Youth Soccer",
        credentials_ref=SECOND_CREDENTIALS,
    ),
    "northside",
)
ORGANISATIONS = (SWIM, SOCCER)

_HOUR = timedelta(hours=1)
_NINE, _NOON, _SIX = time(9), time(12), time(18)

OFFERS = (
    Offer(
        SWIM, "swim-level-1", "swim-level-1-sat", "Swim Lessons Level 1 (Saturdays)",
        12_500, 8, 1, _NINE, 21, time(10), _HOUR,
    ),
    Offer(
        SWIM, "swim-level-2", "swim-level-2-sun", "Swim Lessons Level 2 (Sundays)",
        13_500, 6, 3, _NINE, 22, time(11), _HOUR,
    ),
    Offer(
        SWIM, "swim-team", "swim-team-tryout", "Junior Swim Team Tryout",
        4_000, 12, 7, _NOON, 28, time(16), 2 * _HOUR,
    ),
    Offer(
        SOCCER, "soccer-camp", "soccer-camp-week-1", "Soccer Camp, Week 1",
        24_000, 20, 2, _NINE, 40, _NINE, timedelta(days=4, hours=6),
    ),
    Offer(
        SOCCER, "soccer-camp", "soccer-camp-week-2", "Soccer Camp, Week 2",
        24_000, 20, 10, _NINE, 47, _NINE, timedelta(days=4, hours=6),
    ),
    Offer(
        SOCCER, "goalkeeper-clinic", "goalkeeper-clinic-1", "Goalkeeper Clinic",
        6_500, 10, 5, _SIX, 30, time(17), 2 * _HOUR,
    ),
)  # fmt: skip


def _local(today: date, days: int, at: time) -> datetime:
    """That time of day in the organisations' zone, in UTC. No hour named here is ever skipped."""
    moment = datetime.combine(today + timedelta(days=days), at, ZoneInfo(TIME_ZONE))
    return moment.astimezone(UTC)
