"""Accounts that are to be deleted: the wish, what stands in its way, and how far it has come."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid5

from pydantic import Field

from domain.frozen import Frozen, Instant
from domain.job_orders import JobOrder
from domain.refusals import Reason

GRACE = timedelta(days=30)
"""Between the wish and the deletion: time to think again. The law allows a month."""

PATIENCE = timedelta(days=3)
"""So long each night tries what cannot be done, of what others keep. Then the rest is erased."""

ERASED_WORDS = "(erased)"
"""Stands in the place of the words that a parent agreed to. The database spells it likewise."""

MOST_REGISTRATIONS = 10_000
"""Of one account."""


DELETION_ASKED = Reason(
    code="deletion_asked",
    sentence="This account is to be deleted, so nothing new is scheduled. Keep it first "
    "(cancel_account_deletion), then do this again.",
)
"""Why an account that is to be deleted plans nothing. The database refuses with the same code."""


class Erasure(Frozen):
    """The row of `erasures`: one of each account that ever asked.

    A copy of it lies beside the backups, and is applied again to a database that is put back.
    """

    user_id: UUID
    asked_at: Instant
    due_at: Instant
    """Not deleted before, and withdrawn at any time until then."""
    withdrawn_at: Instant | None = None
    began_at: Instant | None = None
    """From here on nothing brings the account back, and nobody gets into it."""
    rows_erased_at: Instant | None = None
    erased_at: Instant | None = None
    """All is done."""
    asked_told_at: Instant | None = None
    erased_told_at: Instant | None = None

    @property
    def open(self) -> bool:
        """Whether the account is to be deleted, and can still be kept."""
        return self.withdrawn_at is None and self.began_at is None

    def message_id(self, letter: str) -> str:
        """Of the letter about this wish: the same however often it is sent, and about nobody."""
        return f"<{uuid5(self.user_id, f'{letter}/{self.asked_at.isoformat()}')}@signupassist>"


class Hindrance(StrEnum):
    """What has to end before an account is erased: a place or money would be lost."""

    UNDER_WAY = "under_way"
    """It is confirmed, and has not ended."""
    UNDER_REVIEW = "under_review"
    """A person decides whether it was booked."""
    CHARGE_UNDECIDED = "charge_undecided"
    """Nobody knows yet whether money was taken, or the bank asks the parent."""
    FEE_DUE = "fee_due"
    """Its fee is waited for."""
    REFUND_UNSETTLED = "refund_unsettled"
    """Money is on its way back."""
    CANCELLATION_OPEN = "cancellation_open"
    """Somebody asked to give the place back, and it has not come through."""
    LOOKED_AT_AGAIN = "looked_at_again"
    """It ended so shortly ago that a booking may still come to light."""


class WaitsFor(Frozen):
    """One registration that stands in the way."""

    registration_id: UUID
    code: str
    because: Hindrance


class PlannedOpening(Frozen):
    """One registration that has not ended."""

    registration_id: UUID
    code: str
    scheduled_time: Instant


class ErasureCase(Frozen):
    """An account, as far as its deletion goes."""

    erasure: Erasure | None = None
    """The last wish, also one that was withdrawn."""
    under_way: tuple[PlannedOpening, ...] = ()
    waits_for: tuple[WaitsFor, ...] = ()

    @property
    def wish(self) -> Erasure | None:
        """The wish that stands."""
        return self.erasure if self.erasure is not None and self.erasure.open else None

    def opening_after(self, instant: datetime) -> tuple[PlannedOpening, ...]:
        """What would not have ended by then."""
        return tuple(one for one in self.under_way if one.scheduled_time > instant)


class DeletionAnswer(Frozen):
    """Whether an account is to be deleted, and what happens until then."""

    asked_at: Instant
    deleted_after: Instant
    """In the night after this; until then it can be kept."""
    kept: bool
    """It was withdrawn: nothing is deleted."""
    still_booked: tuple[str, ...] = ()
    """Codes of registrations that open before, and are booked as planned."""
    waits_for: tuple[str, ...] = ()
    """Codes of registrations that have to end before it is deleted: they are under way, or money of
    theirs is."""

    @classmethod
    def of(cls, erasure: Erasure, case: ErasureCase) -> "DeletionAnswer":
        """What the account's case comes to for its parent."""
        return cls(
            asked_at=erasure.asked_at,
            deleted_after=erasure.due_at,
            kept=erasure.withdrawn_at is not None,
            still_booked=tuple(one.code for one in case.under_way),
            waits_for=tuple(one.code for one in case.waits_for),
        )


class ErasureLetter(StrEnum):
    """What a parent is written about a deletion."""

    ASKED = "asked"
    ERASED = "erased"


class AccountPurge(JobOrder):
    """Erase the accounts whose time has come."""

    limit: int = Field(default=500, ge=1, le=10_000)
    """In one night; the others come the next."""


class DueErasures(Frozen):
    """Accounts whose time has come, longest due first."""

    accounts: tuple[UUID, ...] = ()


class ErasureOrder(Frozen):
    """Erase that account."""

    user_id: UUID
    patience: timedelta = PATIENCE
    look_again: timedelta = timedelta(minutes=1)
    """Whether the histories are gone, which Temporal deletes in its own time."""


class ErasureLook(Frozen):
    """What is in the way of an account's deletion."""

    waits_for: tuple[Hindrance, ...] = ()


class ErasureReport(Frozen):
    """What came of one account in one night."""

    erased: bool = False
    waits_for: tuple[Hindrance, ...] = ()
    """Put off to another night."""
    without: tuple[str, ...] = ()
    """Steps that could not be done in all the time there was."""


class OrganisersReport(Frozen):
    """What organisers have of a family after they were asked to forget it."""

    forgotten: int = 0
    """Accounts at organisers that have nobody of it any more."""
    kept: int = 0
    """Those that keep their own customer, because of a place there, or refuse our keys."""
