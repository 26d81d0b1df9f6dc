"""How the database stands, as an operator's doctor asks it: counts, codes and names of things."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from domain.frozen import Frozen, Instant


class Matter(StrEnum):
    """What has gone on longer than it should, or should never be."""

    OVERDUE = "overdue"
    """Still pending after its opening: nobody claimed it."""
    STUCK = "stuck"
    """Executing long after its opening."""
    MISSED = "missed"
    """Failed as `missed_window` lately: nobody worked while it could be booked."""
    LOCKED_OUT = "locked_out"
    """Failed lately because our keys, or the permission's signature, were refused."""
    LATE = "late"
    """Booked lately, and sent late by our own doing."""
    WITHOUT_RECEIPT = "without_receipt"
    """Completed, and no receipt: one transaction writes both."""
    UNRECORDED = "unrecorded"
    """Known to be booked, and still not completed."""
    FEE_DUE = "fee_due"
    """Booked, and the fee unpaid since the question's `fee_due`."""
    UNDECIDED = "undecided"
    """A charge was sent, and has no answer."""
    UNSENT = "unsent"
    """A letter stays in the outbox."""
    IN_REVIEW = "in_review"
    """A person has to decide."""
    UNSIGNED = "unsigned"
    """Its permission bears no signature: nothing is booked and nothing charged under it."""


class HealthQuestion(Frozen):
    """From when on something counts as a matter."""

    overdue: timedelta = timedelta(minutes=2)
    """Past the opening. The claim is made before it, so seconds are already too late."""
    stuck: timedelta = timedelta(minutes=10)
    """Past the opening, and past the booking. Twice the opening grace: an organiser opens late."""
    recent: timedelta = timedelta(days=7)
    """So far back is looked for what is over."""
    late_ms: int = Field(default=1_000, ge=0)
    fee_due: timedelta = timedelta(days=1)
    """Before that the parent is about to settle it (`FeeSweep.young`)."""
    undecided: timedelta = timedelta(hours=1)
    unsent: timedelta = timedelta(minutes=15)
    """A letter is tried for ten minutes."""
    at_an_opening: timedelta = timedelta(minutes=3)
    """An account with an opening nearer than this is left in peace
    (`BookingSweep.away_from_openings`)."""
    most_codes: int = Field(default=3, ge=0, le=100)


class Lot(Frozen):
    """How many there are of a matter, and the codes of the longest standing."""

    count: int = 0
    codes: tuple[str, ...] = ()


class ExcessRight(Frozen):
    """A right that a role of the data API should not have."""

    role: str
    privilege: str
    thing: str


class Privileges(Frozen):
    """What deviates from who may do what. All empty: nothing does."""

    excess: tuple[ExcessRight, ...] = ()
    withheld: tuple[str, ...] = ()
    """Functions that the caller's role may not call; a role for one program has some."""
    unguarded: tuple[str, ...] = ()
    """Tables without row level security."""
    writing_policies: tuple[str, ...] = ()
    """Policies that let somebody write rows directly."""
    disabled_triggers: tuple[str, ...] = ()


class AppliedMigration(Frozen):
    """A migration that the database has."""

    version: str
    sha256: str | None = None
    """Of its file; unknown where the Supabase CLI applied it."""


class MandateKeyUse(Frozen):
    """What a key has signed, by the name in the tokens' headers."""

    name: str | None
    """None: the header cannot be read."""
    in_all: int
    in_use: int
    """Of those, under which something may still be booked or charged."""
    sample: UUID | None = None
    """One registration whose mandate is in use."""


class HealthReport(Frozen):
    """How the database stands, and the service as far as the database knows."""

    at: Instant
    """By the database's clock."""
    role: str
    """Which the caller's key is good for."""
    privileges: Privileges = Privileges()
    applied: tuple[AppliedMigration, ...] = ()
    matters: Mapping[Matter, Lot] = Field(default_factory=dict[Matter, Lot])
    mandate_keys: tuple[MandateKeyUse, ...] = ()
    at_an_opening: tuple[str, ...] = ()
    """`org_ref` of the organisations whose account's pace belongs to an opening now."""

    def of(self, matter: Matter) -> Lot:
        """How many there are of that matter."""
        return self.matters.get(matter, Lot())
