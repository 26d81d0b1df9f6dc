"""Which backups are kept, and why: decided from what the target lists, and from nothing else.

A listing that lacks some of them removes no more than a whole one: what is removed has a newer
verified backup in the same listing, and every rule counts from the newest on.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from domain.backups import KeepRule, StoredBackup
from domain.frozen import Frozen

UNDER_WAY = timedelta(days=2)
"""One that is not finished, or not verified, may still become so: no backup takes as long."""

NEWEST = "the newest that was verified"
NOT_KNOWN = "its schedule is not known here"
YOUNG = "it may still be at work"
NO_RULE = "no rule keeps it"
NEVER_FINISHED = "it was never finished"
NEVER_VERIFIED = "it was never verified, and a newer one was"

_Period = Callable[[datetime], object]


class Decision(Frozen):
    """What is to be done about one backup."""

    backup: StoredBackup
    keep: bool
    because: str


def decide(
    stored: Iterable[StoredBackup], rules: Mapping[str, KeepRule], now: datetime
) -> tuple[Decision, ...]:
    """A decision on each of them, schedule by schedule, newest first.

    Args:
        stored: what the target lists.
        rules: by schedule. The backups of one that is not named stay as they are.
        now: the present instant.
    """
    every: dict[str, list[StoredBackup]] = defaultdict(list)
    for backup in stored:
        every[backup.schedule].append(backup)
    return tuple(
        decision
        for schedule in sorted(every)
        for decision in _of_schedule(every[schedule], rules.get(schedule), now)
    )


def _of_schedule(
    backups: list[StoredBackup], rule: KeepRule | None, now: datetime
) -> Iterable[Decision]:
    backups = sorted(backups, key=lambda one: (one.due_at, one.place), reverse=True)
    if rule is None:
        return [Decision(backup=one, keep=True, because=NOT_KNOWN) for one in backups]
    verified = [one for one in backups if one.verified]
    kept = _kept(verified, rule)
    return [_decision(one, kept, verified[:1], now) for one in backups]


def _decision(
    one: StoredBackup, kept: Mapping[str, str], newest: list[StoredBackup], now: datetime
) -> Decision:
    def so(because: str, *, keep: bool) -> Decision:
        return Decision(backup=one, keep=keep, because=because)

    if one.verified:
        return so(kept.get(one.place, NO_RULE), keep=one.place in kept)
    if one.due_at > now - UNDER_WAY:
        return so(YOUNG, keep=True)
    if not one.complete:
        return so(NEVER_FINISHED, keep=False)
    superseded = any(verified.due_at > one.due_at for verified in newest)
    # The only one there is may still be good for something.
    return so(NEVER_VERIFIED if superseded else "it is all there is", keep=not superseded)


def _kept(verified: list[StoredBackup], rule: KeepRule) -> dict[str, str]:
    """Why each is kept that is, by its place; `verified` is newest first."""
    reasons: dict[str, list[str]] = defaultdict(list)
    for one in verified[:1]:
        reasons[one.place].append(NEWEST)
    for one in verified[: rule.last]:
        reasons[one.place].append("last")
    for name, count, period in (
        ("daily", rule.daily, _day),
        ("weekly", rule.weekly, _week),
        ("monthly", rule.monthly, _month),
    ):
        for one in _latest_of_each(verified, count, period):
            reasons[one.place].append(name)
    return {place: ", ".join(every) for place, every in reasons.items()}


def _latest_of_each(
    verified: list[StoredBackup], count: int, period: _Period
) -> Iterable[StoredBackup]:
    latest: dict[object, StoredBackup] = {}
    for one in verified:
        latest.setdefault(period(one.due_at), one)
    return list(latest.values())[:count]


def _day(instant: datetime) -> object:
    return instant.date()


def _week(instant: datetime) -> object:
    return instant.isocalendar()[:2]


def _month(instant: datetime) -> object:
    return (instant.year, instant.month)
