"""A case explains itself to an operator who has never seen the code."""

import pytest

from console.review_causes import CAUSES
from domain.errors import Unauthorised, Unavailable
from domain.review_causes import ReviewCause
from tests.console.cases import EVIDENCE, PERSONAL, booked, flat, reviewed
from tests.console.command_line import Office
from tests.gateways.households import booking_number, key
from tests.gateways.reviewed import not_booked


async def test_the_list_names_what_waits_and_why(office: Office) -> None:
    assert (await office.starter.run("review", "list")).stdout.strip() == (
        "Nothing waits for a decision."
    )
    assert await office.starter.json("review", "list") == []
    row = await reviewed(office)

    listed = (await office.starter.run("review", "list")).stdout
    (entry,) = await office.starter.json("review", "list")

    assert row.code in listed
    assert "two_sends_without_trace" in listed
    assert (entry["code"], entry["cause"]) == (row.code, "two_sends_without_trace")
    assert entry["evidence"] == EVIDENCE


@pytest.mark.parametrize("cause", ReviewCause)
async def test_every_cause_explains_itself_and_says_what_to_type(
    office: Office, cause: ReviewCause
) -> None:
    row = await reviewed(office, cause=cause)

    shown = await office.starter.run("review", "show", row.code)
    case = await office.starter.json("review", "show", row.code)

    words = flat(shown.stdout)
    assert shown.exit_code == 0
    assert CAUSES[cause].happened in words
    assert CAUSES[cause].expect in words
    assert EVIDENCE in words
    assert "gave up on the request. It may have booked before it did" in words
    assert "UTC): open: nobody knows what became of it." in words
    assert "sent, and no clear answer came: it may have been booked" in words
    assert f"sa-{row.id}" in words
    assert "Swimming at Community Pool" in words
    command = f"python starter.py review resolve {row.code} --not-booked --by YOU"
    assert command in words
    assert (case["cause"], case["happened"]) == (cause.value, CAUSES[cause].happened)
    assert command in [choice["command"] for choice in case["choices"]]
    assert (case["provider_shows"], case["asked"]["children"]) == ([], 2)
    assert case["attempts"][0]["requests"][0]["answer"] == "UnknownOutcome"
    for word in PERSONAL:
        assert word not in shown.output + str(case)


async def test_a_live_booking_under_our_reference_is_to_be_resolved_as_booked(
    office: Office,
) -> None:
    row = await reviewed(office)
    number = await booked(office, row)

    shown = flat((await office.starter.run("review", "show", row.code)).stdout)
    case = await office.starter.json("review", "show", row.code)

    assert "the place is booked" in shown
    assert [choice["command"] for choice in case["choices"]] == [
        f"python starter.py review resolve {row.code} --booked {number} --by YOU"
    ]
    (seen,) = case["provider_shows"]
    assert (seen["booking_number"], seen["ours"], seen["cancelled"]) == (number, True, False)


async def test_a_booking_above_the_limit_is_to_be_cancelled(office: Office) -> None:
    row = await reviewed(office, cause=ReviewCause.ABOVE_LIMIT_STANDS)
    number = await booked(office, row, price=90_000)

    shown = flat((await office.starter.run("review", "show", row.code)).stdout)

    assert f"Booking {number} costs $900.00" in shown
    assert "press “Delete”" in shown
    assert "--not-booked" in shown


async def test_a_request_waits_for_the_organiser(office: Office) -> None:
    row = await reviewed(office, cause=ReviewCause.AWAITS_APPROVAL)
    number = await booked(office, row, accepts=False)

    shown = flat((await office.starter.run("review", "show", row.code)).stdout)

    assert "a request, not accepted yet" in shown
    assert f"They accepted it: python starter.py review resolve {row.code} --booked {number}" in (
        shown
    )


async def test_several_live_bookings_are_named_and_one_is_to_be_left(office: Office) -> None:
    row = await reviewed(office)
    numbers = [await booked(office, row), await booked(office, row)]

    shown = flat((await office.starter.run("review", "show", row.code)).stdout)

    assert f"Several bookings stand under our reference: {', '.join(numbers)}." in shown


@pytest.mark.parametrize("error", [Unavailable("status 503"), Unauthorised("status 401")])
async def test_a_silent_organiser_is_said_and_the_rest_is_shown(
    office: Office, error: Exception
) -> None:
    row = await reviewed(office)
    office.provider.script.fail_next("find", error, times=2)

    shown = await office.starter.run("review", "show", row.code)
    case = await office.starter.json("review", "show", row.code)

    assert shown.exit_code == 0
    assert "Nothing can be decided without it." in flat(shown.stdout)
    assert case["provider_shows"] is None
    assert case["provider_silent"]
    assert [choice["command"] for choice in case["choices"]] == [
        f"python starter.py review show {row.code}"
    ]


async def test_a_fee_that_was_sent_is_to_be_given_back_before_not_booked(office: Office) -> None:
    row = await reviewed(office)
    await office.records.open_charge(row.id, 1, 0, booking_number(row), key("charge"))

    shown = flat((await office.starter.run("review", "show", row.code)).stdout)

    assert "charge 1 of the fee is frozen" in shown
    assert f"registration_id {row.id}" in shown
    assert "--not-booked --by YOU --fee-returned" in shown


async def test_names_are_shown_only_when_asked_for(office: Office) -> None:
    row = await reviewed(office)

    shown = (await office.starter.run("review", "show", row.code, "--names")).stdout

    assert "Zoë O'Brien" in shown
    assert "zoe.obrien" not in shown


async def test_a_decided_case_says_who_decided_it_and_asks_for_nothing(office: Office) -> None:
    row = await reviewed(office)
    await office.records.resolve_review(not_booked(row))

    shown = flat((await office.starter.run("review", "show", row.code)).stdout)
    case = await office.starter.json("review", "show", row.code)

    assert "It is failed: nobody need decide anything." in shown
    assert "kim decided it as not booked on" in shown
    assert (case["resolution"]["by"], case["choices"]) == ("kim", [])


async def test_what_was_never_under_review_has_no_case(office: Office) -> None:
    row = await office.family.pending()

    result = await office.starter.run("review", "show", row.code)

    assert result.exit_code == 1
    assert "(never_in_review)" in result.stderr


@pytest.mark.parametrize(
    "typed",
    [
        ["--by", "kim"],
        ["--booked", "B1", "--not-booked", "--by", "kim"],
        ["--not-booked"],
        ["--not-booked", "--by", "kim@example.com"],
        ["--booked", "B1 ; drop", "--by", "kim"],
        ["--not-booked", "--another-reference", "--by", "kim"],
        ["--booked", "B1", "--fee-returned", "--by", "kim"],
    ],
)
async def test_a_decision_typed_wrongly_is_wrong_usage(office: Office, typed: list[str]) -> None:
    row = await reviewed(office)

    result = await office.starter.run("review", "resolve", row.code, *typed)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert await office.row(row) == row


async def test_a_decision_needs_temporal_and_says_so(office: Office) -> None:
    row = await reviewed(office)

    result = await office.starter.run("review", "resolve", row.code, "--not-booked", "--by", "kim")

    assert result.exit_code == 1
    assert result.stderr.strip() == "Temporal does not answer at 127.0.0.1:1."
