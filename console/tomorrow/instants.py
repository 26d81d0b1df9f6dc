"""What opens soon, by instant and account: how many, and how long their sending takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from console.tomorrow.readiness import TIMING, Readiness
from console.tomorrow.survey import Survey
from domain.pacing import Pause
from domain.programs import ProviderAccount
from workflows.policies import ARMED_PER_SECOND

ARMED_SAFELY = int(ARMED_PER_SECOND * TIMING.longest_spread.total_seconds())
"""Registrations of one instant that one worker arms in time, of every account."""


@dataclass(frozen=True)
class AtAccount:
    """Those of one account that open at one instant, in the order of their sending."""

    account: ProviderAccount
    each: tuple[Readiness, ...]
    last_send_at: datetime
    """When the last of them is sent, by the account's pace and pause."""

    @property
    def ready(self) -> int:
        """How many of them."""
        return sum(not one.blocked for one in self.each)


@dataclass(frozen=True)
class AtInstant:
    """Everything that opens at one instant."""

    opening: datetime
    time_zone: str
    accounts: tuple[AtAccount, ...]

    @property
    def each(self) -> tuple[Readiness, ...]:
        """Those of all accounts."""
        return tuple(one for account in self.accounts for one in account.each)

    @property
    def last_send_at(self) -> datetime:
        """When the last of all is sent."""
        return max(account.last_send_at for account in self.accounts)

    @property
    def too_many(self) -> int:
        """By how many they are more than one worker arms in time; 0 where they are not."""
        return max(0, len(self.each) - ARMED_SAFELY)


def by_instant(found: Survey) -> list[AtInstant]:
    """In the order of the openings."""
    return [
        AtInstant(opening, group[0].row.time_zone, tuple(_by_account(group, found.pauses)))
        for opening, those in groupby(found.each, key=lambda one: one.row.scheduled_time)
        if (group := list(those))
    ]


def _by_account(
    group: Sequence[Readiness], pauses: Mapping[tuple[str, str], Pause]
) -> list[AtAccount]:
    accounts: dict[tuple[str, str], list[Readiness]] = {}
    for one in group:
        accounts.setdefault((one.row.provider, one.row.org_ref), []).append(one)
    return [
        AtAccount(
            theirs[0].opening.agreement.account,
            tuple(theirs),
            _last_send_at(theirs, pauses.get(account)),
        )
        for account, theirs in accounts.items()
    ]


def _last_send_at(theirs: Sequence[Readiness], pause: Pause | None) -> datetime:
    opening, pace = theirs[0].row.scheduled_time, theirs[0].opening.agreement.account.pace
    reckoned = opening + pace.delay(len(theirs))
    if pause is not None:
        reckoned = pause.put_off(reckoned, opening)
    return max([reckoned, *(one.row.send_at for one in theirs if one.row.send_at is not None)])
