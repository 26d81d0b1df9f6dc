"""What a later look at the provider means: judged by the row, from numbers alone.

| the row is | the provider lists | so |
|---|---|---|
| completed | the recorded booking alone | as recorded |
| completed | the recorded one and others | the others are surplus |
| completed | nothing live | gone: believed at the second look |
| completed | others, not the recorded one | displaced: likewise; a person decides |
| failed, cancelled | anything live | a ghost: all of it is surplus |
| cancelled | the recorded booking | likewise, believed at the second look |
| needs_review | anything | for the person who reviews: nothing is touched |
| anything else | anything | its run is at work: none of our business |
"""

from collections.abc import Sequence
from enum import StrEnum

from domain.frozen import Frozen
from domain.states import RegistrationStatus


class Finding(StrEnum):
    """How what is listed compares with what is recorded."""

    AS_RECORDED = "as_recorded"
    SURPLUS = "surplus"
    """Live bookings beyond the one that is kept: a late ghost, or a second send."""
    GHOST = "ghost"
    """Live bookings of a registration that ended without one."""
    GONE = "gone"
    """The recorded booking does not stand, and no other does."""
    DISPLACED = "displaced"
    """The recorded booking does not stand, but another of ours does."""
    FOR_REVIEW = "for_review"
    UNDER_WAY = "under_way"


class Judgement(Frozen):
    """What to do about one registration."""

    finding: Finding
    kept: str | None = None
    """The booking that stays."""
    surplus: tuple[str, ...] = ()
    """The bookings to cancel, without policy and notice."""
    doubtful: bool = False
    """It may only be listed late: look a second time before anything is done."""


def judge(
    status: RegistrationStatus,
    recorded: str | None,
    live: Sequence[str],
    *,
    second: bool,
) -> Judgement:
    """Judge one look.

    Args:
        status: of the row, read before the provider was asked.
        recorded: the row's booking number.
        live: numbers of the live bookings under the registration's reference, oldest first.
        second: whether it looked the same before, longer ago than the provider's read lag.
    """
    match status:
        case RegistrationStatus.COMPLETED:
            return _of_a_booked_one(recorded, live, second=second)
        case RegistrationStatus.FAILED | RegistrationStatus.CANCELLED:
            return _of_one_without_a_booking(recorded, live, second=second)
        case RegistrationStatus.NEEDS_REVIEW:
            return Judgement(finding=Finding.FOR_REVIEW)
        case _:
            return Judgement(finding=Finding.UNDER_WAY)


def _of_a_booked_one(recorded: str | None, live: Sequence[str], *, second: bool) -> Judgement:
    # Where none is recorded, the earliest is the one the family knows of.
    kept = recorded or (live[0] if live else None)
    if kept is None or kept not in live:
        finding = Finding.DISPLACED if live else Finding.GONE
        return Judgement(finding=finding, doubtful=not second)
    surplus = tuple(number for number in live if number != kept)
    finding = Finding.SURPLUS if surplus else Finding.AS_RECORDED
    return Judgement(finding=finding, kept=kept, surplus=surplus)


def _of_one_without_a_booking(
    recorded: str | None, live: Sequence[str], *, second: bool
) -> Judgement:
    if not live:
        return Judgement(finding=Finding.AS_RECORDED)
    # What was given back may be listed as live for a moment longer.
    doubtful = recorded in live and not second
    return Judgement(finding=Finding.GHOST, surplus=tuple(live), doubtful=doubtful)
