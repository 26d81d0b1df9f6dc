"""Every way in which nobody can tell is explained, and reached by a test."""

import re
from pathlib import Path

import pytest

from console.review_causes import CAUSES
from console.review_words import ANSWERS, OTHER, explained
from domain import errors
from domain.review_causes import NOT_BOOKED_AS, ReviewCause

TESTS = Path(__file__).parent.parent
PRODUCT = TESTS.parent

REACHED_IN = {
    **dict.fromkeys(ReviewCause, "activities/test_unclear_causes.py"),
    ReviewCause.BOOKING_STEP_FAILED: "workflows/test_reviews.py",
    ReviewCause.OUTCOME_NOT_WRITTEN: "workflows/test_unclear.py",
    # No code ends in it: it stands for rows from before causes were kept.
    ReviewCause.UNSPECIFIED: "gateways/test_records_contract_reviews.py",
}


def test_every_cause_is_explained_and_has_a_failure_for_not_booked() -> None:
    assert set(CAUSES) == set(NOT_BOOKED_AS) == set(ReviewCause)
    texts = [text for cause in CAUSES.values() for text in (cause.happened, cause.expect)]
    assert len(set(texts)) == 2 * len(CAUSES)
    assert all(text.endswith(".") for text in texts)


@pytest.mark.parametrize("cause", ReviewCause)
def test_every_cause_is_reached_by_a_test(cause: ReviewCause) -> None:
    assert f"ReviewCause.{cause.name}" in (TESTS / REACHED_IN[cause]).read_text()


@pytest.mark.parametrize("cause", sorted(set(ReviewCause) - {ReviewCause.UNSPECIFIED}))
def test_every_cause_is_one_that_the_code_ends_in(cause: ReviewCause) -> None:
    code = [
        file.read_text()
        for room in ("activities", "workflows")
        for file in (PRODUCT / room).glob("*.py")
    ]
    assert any(f"ReviewCause.{cause.name}" in text for text in code)


def test_the_database_knows_every_cause() -> None:
    migration = PRODUCT / "supabase" / "migrations" / "20261123000200_reviews.sql"
    listed = re.search(r"cause in \((.*?)\)\)", migration.read_text(), re.DOTALL)
    assert listed is not None
    assert set(re.findall(r"'(\w+)'", listed[1])) == set(ReviewCause)


def test_every_answer_to_a_request_has_words() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    refusals = {kind.__name__ for kind in kinds if issubclass(kind, errors.ProviderError)}
    assert set(ANSWERS) == (refusals | {"Booked"}) - {"ProviderError"}


@pytest.mark.parametrize(
    ("evidence", "word"),
    [
        ("status 504, 0 bytes; look-ups unanswered", "status 504"),
        ("status 408, 12 bytes", "status 408"),
        ("status 302, 12 bytes", "status 302"),
        ("status 201 without a booking number, 2 bytes", "without a booking number"),
        ("status 200, answer over 2000000 bytes", "2000000 bytes"),
        ("ReadTimeout; two sends left no trace", "ReadTimeout"),
        ("TimeoutError; look-ups unanswered", "TimeoutError"),
        ("ConnectionResetError; two sends left no trace", "ConnectionResetError"),
        ("RemoteProtocolError", "RemoteProtocolError"),
        ("ReadError", "ReadError"),
        ("closed before the whole answer", "closed before the whole"),
        ("no connection", "no connection"),
        ("the answer names a booking under another reference", "under another reference"),
        ("the organiser's system gave no answer to our look-ups", "no answer to our look-ups"),
        ("two sends left no trace within the quiet period", "left no trace"),
        ("x; no trace of it, and too late for another send", "too late for another send"),
        ("sold_out after a send that left no trace", "sold_out"),
        ("booking B1 awaits the organiser's approval", "awaits the organiser's approval"),
        ("booking B1 is above the limit and stands", "above the limit and stands"),
        ("only a cancelled booking exists under our reference", "only a cancelled booking"),
        ("the booking activity ended without an answer: RecordRejected: no", "RecordRejected"),
        ("the outcome completed could not be written: Conflict: no", "could not be written"),
        ("reconciled by look-up", "reconciled by look-up"),
        ("the lease had lapsed before anything was sent", "lease had lapsed"),
    ],
)
def test_the_words_of_evidence_are_explained(evidence: str, word: str) -> None:
    assert any(word in found for found in explained(evidence))


def test_a_word_that_nobody_foresaw_is_shown_with_whom_to_ask() -> None:
    assert explained("SomethingNew") == {"SomethingNew": OTHER}
