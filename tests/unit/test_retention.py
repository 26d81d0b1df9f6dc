"""Which backups are kept."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.backups import KeepRule, StoredBackup
from domain.retention import NEVER_FINISHED, NEVER_VERIFIED, NOT_KNOWN, YOUNG, Decision, decide

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
NOTHING = KeepRule(last=0, daily=0, weekly=0, monthly=0)


def kept_at(
    due_at: datetime, schedule: str = "nightly", *, complete: bool = True, verified: bool = True
) -> StoredBackup:
    return StoredBackup(
        place=f"{schedule}/{due_at:%Y%m%dT%H%M%SZ}-00000000",
        schedule=schedule,
        due_at=due_at,
        complete=complete,
        verified=verified and complete,
    )


def nights(many: int) -> list[StoredBackup]:
    """One of each night, the latest of this morning."""
    return [kept_at(NOW.replace(hour=3) - number * DAY) for number in range(many)]


def staying(decisions: Sequence[Decision]) -> list[datetime]:
    return [one.backup.due_at for one in decisions if one.keep]


def days_back(decisions: Sequence[Decision]) -> list[int]:
    return [(NOW.replace(hour=3) - due_at).days for due_at in staying(decisions)]


@pytest.mark.parametrize(
    ("rule", "back"),
    [
        ({"last": 3}, [0, 1, 2]),
        ({"daily": 2}, [0, 1]),
        # 1 March 2027 is a Monday: the week before ends on the Sunday, a day back.
        ({"weekly": 3}, [0, 1, 8]),
        ({"monthly": 3}, [0, 1, 29]),
        ({"last": 1, "monthly": 2}, [0, 1]),
        ({}, [0]),
    ],
)
def test_each_rule_keeps_the_latest_of_its_periods_and_the_newest_always_stays(
    rule: dict[str, int], back: list[int]
) -> None:
    rules = {"nightly": NOTHING.model_copy(update=rule)}
    assert days_back(decide(nights(60), rules, NOW)) == back


def test_several_of_a_day_count_as_its_latest() -> None:
    hourly = [kept_at(NOW - timedelta(hours=number), "hourly") for number in range(48)]
    rules = {"hourly": NOTHING.model_copy(update={"daily": 2})}
    midnight = NOW.replace(hour=0)
    assert staying(decide(hourly, rules, NOW)) == [NOW, midnight - timedelta(hours=1)]


def test_a_period_without_a_backup_uses_up_no_place() -> None:
    sparse = [kept_at(NOW - 100 * DAY), kept_at(NOW - 200 * DAY), kept_at(NOW - 300 * DAY)]
    rules = {"nightly": NOTHING.model_copy(update={"daily": 2})}
    assert staying(decide(sparse, rules, NOW)) == [NOW - 100 * DAY, NOW - 200 * DAY]


def test_one_that_was_not_verified_takes_no_other_s_place() -> None:
    good, bad = kept_at(NOW - 5 * DAY), kept_at(NOW - 4 * DAY, verified=False)
    newest, young = kept_at(NOW - 3 * DAY), kept_at(NOW - DAY, verified=False)
    rules = {"nightly": NOTHING.model_copy(update={"last": 2})}

    told = {
        one.backup.place: (one.keep, one.because)
        for one in decide([good, bad, newest, young], rules, NOW)
    }

    assert told[good.place][0]
    assert told[newest.place][0]
    assert told[young.place] == (True, YOUNG)
    assert told[bad.place] == (False, NEVER_VERIFIED)


def test_one_that_was_never_verified_stays_while_there_is_no_better() -> None:
    (only,) = decide([kept_at(NOW - 30 * DAY, verified=False)], {"nightly": NOTHING}, NOW)
    assert only.keep


def test_what_was_never_finished_goes_once_it_cannot_be_at_work() -> None:
    old, fresh = (kept_at(NOW - days * DAY, complete=False) for days in (3, 1))
    decisions = decide([old, fresh], {"nightly": NOTHING}, NOW)
    assert [(one.keep, one.because) for one in decisions] == [
        (True, YOUNG),
        (False, NEVER_FINISHED),
    ]


def test_backups_of_a_schedule_that_is_not_known_stay() -> None:
    strange = [kept_at(NOW - days * DAY, "yearly") for days in range(9)]
    assert {one.because for one in decide(strange, {"nightly": NOTHING}, NOW)} == {NOT_KNOWN}
    assert all(one.keep for one in decide(strange, {}, NOW))


some_backups = st.lists(
    st.builds(
        kept_at,
        st.integers(0, 24 * 90).map(lambda hours: NOW - timedelta(hours=hours)),
        complete=st.booleans(),
        verified=st.booleans(),
    ),
    unique_by=lambda one: one.place,
    max_size=30,
)
some_rule = st.builds(
    KeepRule, **{name: st.integers(0, 4) for name in ("last", "daily", "weekly", "monthly")}
)


@given(some_backups, some_rule, st.data())
def test_whatever_a_listing_leaves_out_no_more_is_removed_than_by_a_whole_one(
    backups: list[StoredBackup], rule: KeepRule, data: st.DataObject
) -> None:
    listed = [one for one in backups if data.draw(st.booleans())]
    rules = {"nightly": rule}

    def removed(some: list[StoredBackup]) -> set[str]:
        return {one.backup.place for one in decide(some, rules, NOW) if not one.keep}

    assert removed(listed) <= removed(backups)


@given(some_backups, some_rule)
def test_the_newest_that_was_verified_is_never_removed(
    backups: list[StoredBackup], rule: KeepRule
) -> None:
    decisions = decide(backups, {"nightly": rule}, NOW)
    verified = [one.due_at for one in backups if one.verified]
    assert len(decisions) == len(backups)
    assert not verified or max(verified) in staying(decisions)
