from uuid import uuid4

import pytest

from domain.findings import alert_about
from domain.looking_again import Finding, Judgement, judge
from domain.registrations import Registration
from domain.states import RegistrationStatus
from domain.sweeps import Surplus

COMPLETED, FAILED = RegistrationStatus.COMPLETED, RegistrationStatus.FAILED
CANCELLED, REVIEW = RegistrationStatus.CANCELLED, RegistrationStatus.NEEDS_REVIEW


@pytest.mark.parametrize(
    ("status", "recorded", "live", "finding", "kept", "surplus"),
    [
        (COMPLETED, "B1", ["B1"], Finding.AS_RECORDED, "B1", ()),
        (COMPLETED, "B1", ["B1", "B2"], Finding.SURPLUS, "B1", ("B2",)),
        (COMPLETED, "B2", ["B1", "B2", "B3"], Finding.SURPLUS, "B2", ("B1", "B3")),
        (COMPLETED, None, ["B1", "B2"], Finding.SURPLUS, "B1", ("B2",)),
        (COMPLETED, None, ["B1"], Finding.AS_RECORDED, "B1", ()),
        (FAILED, None, [], Finding.AS_RECORDED, None, ()),
        (FAILED, None, ["B1"], Finding.GHOST, None, ("B1",)),
        (FAILED, None, ["B1", "B2"], Finding.GHOST, None, ("B1", "B2")),
        (CANCELLED, None, ["B1"], Finding.GHOST, None, ("B1",)),
        (CANCELLED, "B1", ["B2"], Finding.GHOST, None, ("B2",)),
        (REVIEW, None, [], Finding.FOR_REVIEW, None, ()),
        (REVIEW, "B1", ["B1", "B2"], Finding.FOR_REVIEW, None, ()),
        (RegistrationStatus.EXECUTING, None, ["B1", "B2"], Finding.UNDER_WAY, None, ()),
        (RegistrationStatus.PENDING, None, ["B1"], Finding.UNDER_WAY, None, ()),
        (RegistrationStatus.DRAFT, None, ["B1"], Finding.UNDER_WAY, None, ()),
    ],
)
def test_what_is_seen_is_believed_at_once(
    status: RegistrationStatus,
    recorded: str | None,
    live: list[str],
    finding: Finding,
    kept: str | None,
    surplus: tuple[str, ...],
) -> None:
    expected = Judgement(finding=finding, kept=kept, surplus=surplus)
    assert judge(status, recorded, live, second=False) == expected
    assert judge(status, recorded, live, second=True) == expected


@pytest.mark.parametrize(
    ("status", "recorded", "live", "finding", "surplus"),
    [
        (COMPLETED, "B1", [], Finding.GONE, ()),
        (COMPLETED, "B1", ["B2"], Finding.DISPLACED, ()),
        (CANCELLED, "B1", ["B1"], Finding.GHOST, ("B1",)),
    ],
)
def test_what_a_lagging_list_would_show_is_believed_only_when_seen_twice(
    status: RegistrationStatus,
    recorded: str | None,
    live: list[str],
    finding: Finding,
    surplus: tuple[str, ...],
) -> None:
    first = judge(status, recorded, live, second=False)
    assert (first.finding, first.doubtful) == (finding, True)
    assert judge(status, recorded, live, second=True) == Judgement(finding=finding, surplus=surplus)


def test_the_recorded_booking_is_never_among_the_surplus() -> None:
    for live in (["B1"], ["B1", "B2"], ["B2", "B1"], ["B2"], []):
        for second in (False, True):
            assert "B1" not in judge(COMPLETED, "B1", live, second=second).surplus


def _row(status: RegistrationStatus) -> Registration:
    return Registration.model_construct(
        id=uuid4(), code="SCH-7KQ2M9XA", status=status, booking_number="B1"
    )


def test_an_alert_names_every_booking_what_was_done_and_what_is_left_to_do() -> None:
    surplus = Surplus(recorded="B1", kept="B1", standing=("B3",), cancelled=("B2",))
    judgement = Judgement(finding=Finding.SURPLUS, kept="B1", surplus=("B2", "B3"))

    alert = alert_about(_row(COMPLETED), judgement, ["B1", "B2", "B3"], surplus)

    assert alert is not None
    assert "3 live bookings" in alert.sentence
    assert "B1 is kept" in alert.sentence
    assert "Cancelled there: booking B2" in alert.sentence
    assert "Still standing: booking B3" in alert.sentence
    assert "cancel at the organiser" in alert.sentence


@pytest.mark.parametrize("finding", [Finding.AS_RECORDED, Finding.UNDER_WAY])
def test_what_is_in_order_is_told_to_nobody(finding: Finding) -> None:
    assert alert_about(_row(COMPLETED), Judgement(finding=finding), ["B1"], Surplus()) is None


def test_an_alert_fits_however_many_bookings_there_are() -> None:
    numbers = tuple(f"B{n:098}" for n in range(40))
    ghost = Judgement(finding=Finding.GHOST, surplus=numbers)
    alert = alert_about(_row(FAILED), ghost, numbers, Surplus(standing=numbers))
    assert alert is not None
    assert len(alert.sentence) == 1_000
