"""How often a program that waits for a registration is told to look."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.answers import RegistrationAnswer
from domain.states import RegistrationStatus
from mcp_server.tasks.standing import SELDOMMEST, SOONEST, next_look

OPENS = datetime(2026, 12, 1, 14, tzinfo=UTC)
WAITS = RegistrationStatus.PENDING


def _registration(status: RegistrationStatus) -> RegistrationAnswer:
    return RegistrationAnswer.model_construct(status=status, scheduled_time=OPENS, send_at=None)


@pytest.mark.parametrize(
    ("before", "pause"),
    [
        (timedelta(days=60), timedelta(hours=1)),
        (timedelta(hours=2), timedelta(minutes=12)),
        (timedelta(minutes=5), timedelta(seconds=30)),
        (timedelta(seconds=8), timedelta(seconds=2)),
        (-timedelta(minutes=3), timedelta(seconds=2)),
    ],
    ids=str,
)
def test_it_looks_sooner_the_nearer_the_opening_is(before: timedelta, pause: timedelta) -> None:
    assert next_look(_registration(WAITS), OPENS - before) == pause


def test_two_months_are_waited_for_in_some_thousand_looks_and_none_is_late_by_much() -> None:
    now, registration = OPENS - timedelta(days=60), _registration(WAITS)
    looks = 0
    while now < OPENS:
        pause = next_look(registration, now)
        assert pause is not None
        assert SOONEST <= pause <= SELDOMMEST
        now += pause
        looks += 1
    assert looks < 1_600
    assert now - OPENS <= SOONEST


def test_a_person_who_decides_is_given_time_and_what_has_ended_is_not_looked_at() -> None:
    assert next_look(_registration(RegistrationStatus.NEEDS_REVIEW), OPENS) == timedelta(minutes=5)
    for ended in (
        RegistrationStatus.COMPLETED,
        RegistrationStatus.FAILED,
        RegistrationStatus.CANCELLED,
    ):
        assert next_look(_registration(ended), OPENS) is None
