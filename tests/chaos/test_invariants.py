"""Each promise, broken once: the judge must see it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from temporalio.client import WorkflowExecutionStatus

from sandbox.bookeo.control import BookingRecord
from sandbox.simulator.control import LedgerEntry
from tests.chaos.away import Away
from tests.chaos.evidence import GIVE_BACK, SEND, Charge, Evidence, Findings, Letter, Row
from tests.chaos.invariants import booked_twice, in_review, untold, violations
from tests.chaos.later_stories import DECIDED_BY_A_PERSON, GIVEN_BACK
from tests.chaos.undone import left_undone

ID = UUID(int=1)
OPENS = datetime(2026, 12, 1, 14, tzinfo=UTC)


def _booking(number: str = "1", *, canceled: bool = False) -> BookingRecord:
    return BookingRecord(
        account_id="a", booking_number=number, product_id="p", event_id="e", customer_id=None,
        external_ref=f"sa-{ID}", seats=1, price_cents=100, currency="USD", accepted=True,
        canceled=canceled, canceled_ms=None, policy_applied=False, rival=False, opens_ms=None,
        created_ms=0,
    )  # fmt: skip


def _request(endpoint: str, after: timedelta, path: str = "/v2/bookings") -> LedgerEntry:
    at = (OPENS + after).timestamp() * 1000
    return LedgerEntry(
        id=1, arrived_ms=at, method=endpoint.partition(" ")[0], path=path, endpoint=endpoint,
        reference=f"sa-{ID}", faults=(), committed_ms=at, finished_ms=at, status=201,
        answered=True,
    )  # fmt: skip


REFUSED = _request(SEND, timedelta(seconds=9)).model_copy(
    update={"committed_ms": None, "status": 400}
)

GOOD = Evidence(
    row=Row(ID, "SCH-1", "completed", "paid", "1", None, OPENS, None, "1", 0, 0, 0, None),
    requests=(_request(SEND, timedelta(milliseconds=2)),),
    bookings=(_booking(),),
    charges=(Charge("pi_1", 2000, 1),),
    letters=(Letter(UUID(int=2), "booked", sent=True, caught=2),),
    runs=(WorkflowExecutionStatus.COMPLETED,),
)


def _with(**row: object) -> Evidence:
    return replace(GOOD, row=GOOD.row._replace(**row))


def _letters(*kinds: str, caught: int = 1) -> tuple[Letter, ...]:
    return tuple(
        Letter(UUID(int=n), kind, sent=True, caught=caught) for n, kind in enumerate(kinds)
    )


BROKEN: dict[str, Callable[[], Evidence]] = {
    "2 live bookings": lambda: replace(GOOD, bookings=(_booking(), _booking("2"))),
    "charged 2 times": lambda: replace(GOOD, charges=GOOD.charges * 2),
    "charged, and no booking": lambda: replace(GOOD, bookings=(_booking("9"),)),
    "a booking that we gave back": lambda: replace(
        GOOD,
        bookings=(_booking(canceled=True),),
        requests=(_request(GIVE_BACK, timedelta(seconds=9), "/v2/bookings/1"),),
    ),
    "booking 2 was too much, and nobody was told": lambda: replace(
        GOOD,
        bookings=(_booking(), _booking("2", canceled=True)),
        requests=(_request(GIVE_BACK, timedelta(seconds=9), "/v2/bookings/2"),),
    ),
    "the provider has no such booking": lambda: _with(booking_number="9", receipt_number="9"),
    "while another one stands": lambda: replace(
        GOOD, bookings=(_booking(canceled=True), _booking("2"))
    ),
    "completed, and the place was taken back": lambda: replace(
        GOOD, bookings=(_booking(canceled=True),), charges=()
    ),
    "the fee is kept, and the place was taken back": lambda: replace(
        _with(status="cancelled"), bookings=(_booking(canceled=True),)
    ),
    "a receipt for nothing": lambda: _with(receipt_number=None),
    "failed, and a booking stands": lambda: _with(status="failed"),
    "failed, and money was taken": lambda: _with(status="failed"),
    "cancelled, and there is a receipt": lambda: _with(status="cancelled"),
    "no money was taken": lambda: replace(GOOD, charges=()),
    "the fee is due": lambda: _with(fee_status="due"),
    "before the opening": lambda: replace(
        GOOD, requests=(_request(SEND, timedelta(milliseconds=-2)),)
    ),
    "after the permission was withdrawn": lambda: _with(withdrawn_at=OPENS),
    "stuck in executing": lambda: _with(status="executing"),
    "completed with 1 markers open": lambda: _with(open_markers=1),
    "its run is running": lambda: replace(GOOD, runs=(WorkflowExecutionStatus.RUNNING,)),
    "its run is failed": lambda: replace(GOOD, runs=(WorkflowExecutionStatus.FAILED,)),
    "it has no run": lambda: replace(GOOD, runs=()),
    "does not hold: event 2": lambda: _with(audit_problem="event 2 was altered"),
    "2 letters booked": lambda: replace(GOOD, letters=_letters("booked", "booked")),
    "never arrived": lambda: replace(GOOD, letters=_letters("booked", caught=0)),
}


def _said(evidence: Evidence) -> list[str]:
    return [one.sentence for one in violations(Findings({ID: evidence}, ()))]


def test_a_registration_that_went_well_breaks_nothing() -> None:
    assert _said(GOOD) == []


def test_one_that_was_cancelled_after_it_was_booked_keeps_its_receipt_and_no_fee() -> None:
    cancelled = _with(status="cancelled", fee_status="refunded")
    gone = replace(cancelled, bookings=(_booking(canceled=True),), charges=())
    (said,) = _said(gone)
    assert said.endswith("the organiser took the place back, and nobody was told")
    assert _said(replace(gone, alerts=frozenset({"booking_gone"}))) == []
    asked_for = _request(GIVE_BACK, timedelta(seconds=9), "/v2/bookings/1")
    assert _said(replace(gone, requests=(asked_for,))) == []
    too_late = asked_for.model_copy(update={"committed_ms": None})
    assert _said(replace(gone, requests=(too_late,))) == []


@pytest.mark.parametrize("sentence", BROKEN)
def test_a_broken_promise_is_seen(sentence: str) -> None:
    assert any(sentence in said for said in _said(BROKEN[sentence]()))


def test_what_the_simulators_find_broken_and_letters_of_nobody_are_said_too() -> None:
    findings = Findings({}, ("event e: 3 seats taken of 2",), ("<x@y>",))
    assert [one.sentence for one in violations(findings)] == [
        "event e: 3 seats taken of 2",
        "a letter <x@y> nobody asked for",
    ]


def test_a_review_is_justified_only_by_a_doubt() -> None:
    plain = replace(_with(status="needs_review"), bookings=())
    doubts = [
        replace(
            plain, requests=(_request(SEND, timedelta()).model_copy(update={"faults": ("hang",)}),)
        ),
        replace(plain, bookings=(_booking(canceled=True),)),
        replace(plain, row=plain.row._replace(untraced=2)),
        replace(plain, row=plain.row._replace(untraced=1), requests=(REFUSED,)),
    ]
    assert len(in_review(Findings({ID: replace(plain, requests=(REFUSED,))}, ()))) == 1
    assert len(in_review(Findings({ID: plain}, ()))) == 1
    assert in_review(Findings({ID: plain}, ()), lambda _, __: True) == []
    assert not [one for doubt in doubts for one in in_review(Findings({ID: doubt}, ()))]


def test_a_send_is_judged_by_the_opening_that_there_was_when_it_left() -> None:
    sent, later = timedelta(seconds=2), OPENS + timedelta(seconds=30)
    moved = replace(
        GOOD,
        row=GOOD.row._replace(scheduled_time=later, moves=((_ms(10), _ms(0)),)),
        requests=(_request(SEND, sent), _request(SEND, timedelta(seconds=30))),
    )
    assert _said(moved) == []
    (said,) = _said(replace(moved, row=moved.row._replace(moves=((_ms(1), _ms(0)),))))
    assert said.endswith("sent 28000.0 ms before the opening")


def _ms(seconds: float) -> float:
    return OPENS.timestamp() * 1000 + seconds * 1000


def test_a_ghost_that_was_cancelled_is_told_and_a_booking_above_the_limit_is_no_ghost() -> None:
    ghost = replace(
        _with(status="failed", booking_number=None, receipt_number=None, fee_status="not_due"),
        bookings=(_booking("2", canceled=True),),
        requests=(_request(GIVE_BACK, timedelta(seconds=9), "/v2/bookings/2"),),
        charges=(),
    )
    (said,) = _said(ghost)
    assert said.endswith("booking 2 was too much, and nobody was told")
    assert _said(replace(ghost, alerts=frozenset({"ghost_booking"}))) == []
    assert _said(replace(ghost, row=ghost.row._replace(failure_code="over_cap"))) == []


def test_a_second_booking_is_seen_even_after_it_was_cancelled() -> None:
    twice = replace(GOOD, bookings=(_booking(), _booking("2", canceled=True)))
    assert len(booked_twice(Findings({ID: twice}, ()))) == 1
    assert booked_twice(Findings({ID: GOOD}, ())) == []


def test_what_was_asked_for_and_not_done_is_seen() -> None:
    for story, done in ((GIVEN_BACK, "cancelled"), (DECIDED_BY_A_PERSON, "failed")):
        undone = "needs_review" if story is DECIDED_BY_A_PERSON else "completed"
        for status, count in ((done, 0), (undone, 1)):
            found = left_undone(Findings({ID: _with(status=status)}, ()), {ID: story})
            assert len(found) == count


def test_a_run_about_it_that_ended_badly_is_seen() -> None:
    said = _said(replace(GOOD, others=("cancellation-1 is failed",)))
    assert said == ["SCH-1: cancellation-1 is failed"]


def test_a_letter_that_was_never_sent_is_seen() -> None:
    unsent = replace(GOOD, letters=(GOOD.letters[0]._replace(sent=False),))
    assert len(untold(Findings({ID: unsent}, ()))) == 1


def test_a_simulator_that_was_away_is_a_doubt_for_what_was_under_way_and_for_nothing_else() -> None:
    away = Away()
    away.add(OPENS, OPENS + timedelta(seconds=2))
    before, after = OPENS - timedelta(seconds=30), OPENS + timedelta(seconds=3)
    assert away.met(OPENS - timedelta(seconds=1), OPENS - timedelta(seconds=1))
    assert away.met(before, after)
    assert not away.met(before, before)
    assert not away.met(after, after)
    assert not away.met(None, None)
