"""What the sweeps are told, what they ask the database for, and what they report.

A sweep looks again at what nobody is working on any more, or should be and is not. Everything it
needs to go on is in the database, so a run that dies costs nothing but its minute.
"""

from datetime import datetime, timedelta
from uuid import UUID

from pydantic import Field

from domain.frozen import Frozen, Instant
from domain.job_orders import JobOrder
from domain.programs import BOOKEO
from domain.states import FeeStatus, RegistrationStatus


class BookingSweep(JobOrder):
    """One look at the bookings of registrations that have ended."""

    delays: tuple[timedelta, ...] = (
        timedelta(minutes=5),
        timedelta(hours=1),
        timedelta(hours=12),
    )
    """A registration is looked at so long after its last marker was opened or closed, shortest
    first: soon, because a ghost holds a seat; once the same day; and once the next morning."""
    limit: int = Field(default=200, ge=1, le=10_000)
    per_account: int = Field(default=15, ge=1, le=10_000)
    """Registrations of one account at a time: some four requests each, at the account's pace, so
    less than a minute of it."""
    away_from_openings: timedelta = timedelta(minutes=3)
    """An account with an opening nearer than this, before or after, is left in peace: its pace
    belongs to the bookings."""
    read_lag: timedelta = timedelta(seconds=30)
    """What is missing is looked for a second time after this, before anybody is told."""
    again_after: timedelta = timedelta(minutes=5)
    """A look that got no answer is tried again after this."""
    told_after: timedelta = timedelta(hours=1)
    """One that got none for so long is told to an operator."""

    def due_at(self, look: "Look") -> datetime | None:
        """Since when that look is due; None for one outside the stages."""
        if look.marked_at is None or not 0 < look.stage <= len(self.delays):
            return None
        return look.marked_at + self.delays[look.stage - 1]


class Look(Frozen):
    """One registration to look at."""

    registration_id: UUID
    provider: str
    org_ref: str
    since: Instant
    """When its first marker was opened: nothing of it is older at the provider."""
    marked_at: Instant | None = None
    """When its last marker was opened or closed; None for a look outside the stages."""
    stage: int = Field(default=0, ge=0)
    """Which of the delays, from 1, this look settles; those before it with it."""
    last: bool = False
    """Whether none follows."""

    @property
    def of_notice(self) -> bool:
        """Whether somebody pointed at it, outside the stages: then no sweep repeats the look."""
        return self.marked_at is None


class LookOrder(Frozen):
    """Look at these now."""

    looks: tuple[Look, ...]
    second: bool = False
    """Whether what is missing was missing before: then it is believed."""
    again_after: timedelta = timedelta(minutes=5)
    last: bool = False
    """Whether nobody asks again: then no answer is told to an operator, and no failure."""


class LookReport(Frozen):
    """What came of looks."""

    looked: int = 0
    """Done with, this time."""
    acted: int = 0
    """Of those: where something was not as recorded."""
    put_off: int = 0
    """The provider gave no answer; they come again."""
    doubtful: tuple[Look, ...] = ()
    """Something is missing that may only be listed late: to be looked at a second time."""

    def plus(self, other: "LookReport") -> "LookReport":
        """Both together."""
        return LookReport(
            looked=self.looked + other.looked,
            acted=self.acted + other.acted,
            put_off=self.put_off + other.put_off,
            doubtful=(*self.doubtful, *other.doubtful),
        )

    def without_doubts(self) -> "LookReport":
        """The same, the doubts being somebody else's by now."""
        return self.model_copy(update={"doubtful": ()})


class Surplus(Frozen):
    """Live bookings that should not be, for the audit trail: numbers only."""

    recorded: str | None = None
    kept: str | None = None
    standing: tuple[str, ...] = ()
    cancelled: tuple[str, ...] = ()


class RunSweep(JobOrder):
    """Which registrations are asked after: each has to have a workflow."""

    age: timedelta = timedelta(minutes=2)
    """Who was confirmed since is spared: the run may just be coming up."""
    far_every: timedelta = timedelta(hours=6)
    """While the opening is further away than `near`."""
    near: timedelta = timedelta(hours=1)
    near_every: timedelta = timedelta(minutes=20)
    away_from_opening: timedelta = timedelta(minutes=2)
    """Around the opening the server is left to the bookings."""
    late_every: timedelta = timedelta(minutes=2)
    """Past the opening: what is still not booked is worth something for an hour."""
    stuck_after: timedelta = timedelta(hours=2)
    """So long after the opening, twice the late deadline, one should have ended."""
    wish_age: timedelta = timedelta(minutes=5)
    """A wish to give a booking back is left to its cancellation so long."""
    wish_every: timedelta = timedelta(minutes=10)
    wish_stuck_after: timedelta = timedelta(hours=6)
    limit: int = Field(default=100, ge=1, le=10_000)


class RunToCheck(Frozen):
    """A registration under way."""

    registration_id: UUID
    code: str
    status: RegistrationStatus
    scheduled_time: Instant
    alerted: bool = False
    """Whether an open alert says that it has no run."""
    lost: int = 0
    """How many alerts said so before, the open one included."""


class RunReport(Frozen):
    """What came of asking after runs."""

    checked: int = 0
    started: int = 0
    stuck: int = 0
    refused: int = 0
    """Had no run and could not get one."""
    cancellations: int = 0
    """Begun again."""


class FeeSweep(JobOrder):
    """Which fees are looked at."""

    young: timedelta = timedelta(days=1)
    """A fee is fresh so long after the receipt: its parent may be about to pay."""
    young_every: timedelta = timedelta(minutes=10)
    every: timedelta = timedelta(hours=6)
    settlement: timedelta = timedelta(days=30)
    """A registration's run waits so long for its fee (`Timing.settlement`)."""
    undecided: timedelta = timedelta(hours=1)
    """A charge without an answer for so long has somebody repeating it, or is forgotten."""
    unmade_watched: timedelta = timedelta(hours=48)
    """A charge that was closed because it was not there is looked up again so long after its first
    send: past its key's life, and the time that a sleeping process may have slept."""
    refund_pending: timedelta = timedelta(hours=1)
    """A refund that the bank has not confirmed for so long is looked up, then `every` so often."""
    refund_watched: timedelta = timedelta(days=45)
    """A bank may send back a refund that it had taken, as for a card that was closed: so long one
    is looked up after it succeeded, `watched_every` so often."""
    watched_every: timedelta = timedelta(days=1)
    limit: int = Field(default=50, ge=1, le=10_000)


class OpenFee(Frozen):
    """A registration whose money is not settled."""

    registration_id: UUID
    code: str
    fee_status: FeeStatus
    since: Instant
    """When the receipt was written; of a charge, when it was first sent; of a refund, when it was
    accepted or had succeeded."""


class OpenFees(Frozen):
    """What the fee sweep has to look at."""

    due: tuple[OpenFee, ...] = ()
    undecided: tuple[OpenFee, ...] = ()
    """With a charge that was sent and has no answer."""
    unmade: tuple[OpenFee, ...] = ()
    """With a charge that was closed because it was not there, not long ago."""
    without_receipt: tuple[OpenFee, ...] = ()
    """Completed, and no receipt: one transaction writes both, so this is never to be seen."""
    refunds: tuple[OpenFee, ...] = ()
    """Cancelled, with a refund that the bank has not confirmed, or may still send back."""


class FeeReport(Frozen):
    """What came of looking at fees."""

    asked: int = 0
    """Runs that were asked to look."""
    alerts: int = 0


class ProviderNotice(Frozen):
    """A provider says that a booking changed. Only what to look at: the rest is asked for."""

    provider: str = BOOKEO
    booking_number: str | None = Field(default=None, max_length=100)
    reference: str | None = Field(default=None, max_length=64)
    """Our `externalRef`."""
    read_lag: timedelta = timedelta(seconds=10)
    """Shorter than the sweep's: the provider itself says that there is something to see."""
