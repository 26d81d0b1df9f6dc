"""What the Web UI lists and shows of an evening, and that the queries of docs/web-ui.md find it."""

import asyncio

import pytest

from domain.states import RegistrationStatus
from tests.web_ui.evening import LATE
from tests.web_ui.seen import Night, Seen, questions, seen
from tests.web_ui.stories import STORIES, evening_of
from tests.whole_words import whole_words
from tests.workflows.real_time import real_time_server

OF_THE_FAMILIES = (
    "Ann",
    "Lind",
    "Mia",
    "Bob",
    "Quist",
    "Noa",
    "@example.com",
    "pm_",
)
NUMBERS = ("555", "4242")
"""Of theirs too: a run id may hold these digits by chance."""

ABOUT_NONE = {"sweep_letters", "provider_notice"}

FOUND: dict[str, set[str]] = {
    "What opens in the next hour": {"registration at-nine"},
    "What should be booked by now, and is not": set(),
    "What waits for a person": {"registration unclear", "registration refusal-unwritten"},
    "Which fees are open": {"registration unpaid"},
    "What was late by more than 100 ms yesterday": {"registration late"},
    "All runs of one registration": {"registration given-back", "cancellation given-back"},
    "All runs of one registration, by its id": {
        "registration given-back",
        "cancellation given-back",
    },
    "What failed yesterday, and why": {
        "registration sold-out",
        "registration not-opened",
        "registration unclear-decided",
        "review unclear-decided-later",
    },
    "What lost its run": {"registration broken", "registration unclear-decided-later"},
    "Which bookings were to be given back": {"cancellation given-back", "cancellation kept-there"},
    "What is to be booked at one organiser": {"registration at-nine"},
    "The runs of one job": {"sweep_letters"},
}
"""The runs that each query has to find, all of them and no others."""


@pytest.fixture(scope="module")
def night() -> Night:
    async def lived() -> Night:
        async with real_time_server() as env, evening_of(env) as evening:
            return await seen(evening)

    return asyncio.run(lived())


def _last_to_write(night: Night, story: str) -> Seen:
    cancelled = night.rows[story].status is RegistrationStatus.CANCELLED
    kinds = [*(["cancellation"] if cancelled else []), "review", "registration"]
    return next(run for kind in kinds if (run := night.runs.get(f"{kind} {story}")) is not None)


def test_every_query_of_the_page_is_asked_here() -> None:
    assert questions().keys() == {"Everything about registrations", *FOUND}


@pytest.mark.parametrize("question", FOUND)
def test_a_saved_query_finds_what_it_is_for_and_nothing_else(night: Night, question: str) -> None:
    assert night.answers[question] == FOUND[question]


def test_everything_about_registrations_is_every_run_of_theirs(night: Night) -> None:
    everything = night.answers["Everything about registrations"]
    assert everything == night.runs.keys() - ABOUT_NONE
    assert len(everything) == len(STORIES) + len(["a review", "two", "cancellations"])


def test_the_last_run_of_a_registration_is_found_by_where_the_row_stands(night: Night) -> None:
    for story, row in night.rows.items():
        last = _last_to_write(night, story)
        assert last.found_by["SignupRegistration"] == str(row.id), story
        assert last.found_by["SignupCode"] == row.code
        assert last.found_by["SignupStatus"] == row.status.value, story
        assert last.found_by["SignupFeeStatus"] == row.fee_status.value, story
        assert last.found_by["SignupScheduledTime"] == row.scheduled_time
        assert last.found_by["SignupOrganisation"] == row.org_ref
        assert last.found_by["SignupProvider"] == row.provider
        code = row.failure_code.value if row.failure_code else None
        assert last.found_by.get("SignupFailureCode") == code, story


def test_lateness_is_that_of_the_receipt(night: Night) -> None:
    for story in ("booked", "late"):
        run = night.runs[f"registration {story}"]
        assert run.found_by["SignupLatenessMs"] == night.rows[story].lateness_ms
    assert night.rows["booked"].lateness_ms == 0
    assert (night.rows["late"].lateness_ms or 0) >= LATE.total_seconds() * 1000


def test_a_run_that_hands_over_says_how_it_left_the_row(night: Night) -> None:
    own = night.runs["registration given-back"]
    assert own.found_by["SignupStatus"] == RegistrationStatus.COMPLETED.value
    assert own.found_by["SignupFeeStatus"] == "paid"


def test_a_cancellation_that_changed_nothing_says_why_and_nothing_of_the_fee(night: Night) -> None:
    refused = night.runs["cancellation kept-there"]
    assert refused.found_by["SignupStatus"] == RegistrationStatus.COMPLETED.value
    assert "SignupFeeStatus" not in refused.found_by
    assert "(`provider_refused`)" in refused.words[2]


def test_a_provider_s_notice_is_found_by_the_registration_that_it_is_about(night: Night) -> None:
    notice = night.runs["provider_notice"]
    assert notice.found_by["SignupRegistration"] == str(night.rows["noticed"].id)


def test_every_run_says_what_it_is_and_what_it_does(night: Night) -> None:
    for name, run in night.runs.items():
        summary, details, now = run.words
        assert summary, name
        # A job's own line says all that there is: the schedule's note.
        assert (details and now) or run.type == "sweep_letters", name


def test_what_a_run_says_follows_what_became_of_it(night: Night) -> None:
    def now(name: str) -> str:
        return night.runs[name].words[2]

    assert "Sleeping until the opening" in now("registration at-nine")
    assert "waits for another card" in now("registration unpaid")
    assert "waits" not in now("registration paid-later")
    assert "fee: **paid**" in now("registration paid-later")
    code = night.rows["unclear"].code
    assert f"python starter.py review show {code}" in now("registration unclear")
    assert "Ended without a booking" in now("registration unclear-decided")
    assert "problem:" not in now("registration sold-out")
    assert "**missed_window**" in now("review unclear-decided-later")
    assert "Cancelled, fee: refunded" in now("cancellation given-back")


def test_no_run_says_who_it_is_about(night: Night) -> None:
    assert len(night.rows) == len(STORIES)
    for name, run in night.runs.items():
        said = " ".join([*run.words, *map(str, run.found_by.values())])
        assert [mark for mark in OF_THE_FAMILIES if mark in said] == [], name
        assert whole_words(NUMBERS, said) == [], name
