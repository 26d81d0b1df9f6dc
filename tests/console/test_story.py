"""One registration's story, as far as the rows tell it: Temporal is away."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain.contracts import RescheduleOrder
from domain.family import Reader
from domain.payments import ChargeStatus
from domain.refusals import Reason
from domain.registrations import Registration
from domain.states import FailureCode, FeeStatus, RegistrationStatus
from tests.console.cases import PERSONAL, flat
from tests.console.command_line import Office, new_office, unknown_code
from tests.console.stories import (
    EVERY_FAILURE,
    EVERY_STATUS,
    STORIES,
    Story,
    completed_with,
    failed_as,
    pending,
    taken_back,
)
from tests.gateways.households import declined, key, paid

CUT = "the chain does not end where its registration says it does"
AWAY = "Temporal does not answer at 127.0.0.1:1."


async def told(office: Office, row: Registration, *arguments: object) -> dict[str, Any]:
    return await office.starter.json("explain", row.code, *arguments)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.title)
async def test_every_ending_is_told_to_both(office: Office, story: Story) -> None:
    row = await story.seed(office)

    shown = await office.starter.run("explain", row.code)
    sentences = await office.starter.run("explain", row.code, "--for", "parent")
    facts = await told(office, row)

    assert (shown.exit_code, sentences.exit_code) == (0, 0)
    assert story.operator in facts["ending"]["because"]
    assert facts["ending"]["because"] in flat(shown.stdout)
    assert (facts["ending"]["next"] is None) is (story.next is None) or story.next is None
    if story.next is not None:
        assert story.next.format(code=row.code) in facts["ending"]["next"]
        assert facts["ending"]["next"] in flat(shown.stdout)
    assert story.parent in flat(sentences.stdout)
    assert facts["contradictions"] == []
    assert f"Not read: No workflow's history was read: {AWAY}" in flat(shown.stdout)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.title)
async def test_a_parent_is_told_no_id_no_code_and_no_name(office: Office, story: Story) -> None:
    row = await story.seed(office)
    stored = await office.row(row)

    said = (await office.starter.run("explain", row.code, "--for", "parent")).stdout
    operator = (await office.starter.run("explain", row.code)).stdout
    facts = await told(office, row)

    ours = (str(row.id), row.code, stored.receipt_code, stored.booking_number, row.org_ref)
    assert [one for one in ours if one is not None and one in said] == []
    assert "America/New_York" in said
    assert "_" not in said.replace("New_York", "")
    assert [word for word in PERSONAL if word in said + operator + str(facts)] == []


async def test_every_status_and_every_failure_has_its_story() -> None:
    rows: list[Registration] = []
    for story in STORIES:
        own = await new_office()
        rows.append(await own.row(await story.seed(own)))

    assert {row.status for row in rows} == EVERY_STATUS
    assert {row.failure_code for row in rows} - {None} == EVERY_FAILURE


async def test_a_parent_reads_times_where_they_live(office: Office) -> None:
    row = await pending(office)
    await office.records.save_reader(row.user_id, Reader(time_zone="Asia/Tokyo"))

    said = await told(office, row, "--for", "parent")

    assert said["time_zone"] == "Asia/Tokyo"
    assert "JST (Asia/Tokyo)" in said["sentences"][0]


async def test_what_happened_before_the_opening_is_told(office: Office) -> None:
    row = await pending(office)
    problem = Reason(code="no_card", sentence="No card is saved.")
    await office.records.note_problems(row.id, (problem,), key("look"))
    await office.records.reschedule(
        RescheduleOrder(
            registration_id=row.id,
            expected_version=row.version,
            operation_key=key("move"),
            scheduled_time=row.scheduled_time + timedelta(hours=1),
            time_zone=row.time_zone,
        )
    )

    sentences = flat("\n".join((await told(office, row, "--for", "parent"))["sentences"]))
    facts = await told(office, row)

    assert "it was moved to another opening" in sentences
    assert "found something in the way, and wrote to you about it" in sentences
    whats = [step["what"] for step in facts["steps"]]
    assert "A look ahead found: no_card. The parent was written to." in whats
    assert any(what.startswith("Moved from ") for what in whats)


async def test_the_steps_come_in_order_each_with_its_clock_and_cause(office: Office) -> None:
    row = await completed_with(declined())(office)

    facts = await told(office, row)
    shown = flat((await office.starter.run("explain", row.code)).stdout)

    steps = facts["steps"]
    assert [step["at"] for step in steps] == sorted(step["at"] for step in steps)
    (request,) = [step for step in steps if step["clock"] == "worker"]
    assert request["who"] == "organiser"
    assert request["what"] == (
        "Request 1 of attempt 1 left 3 ms after its send time; the organiser's system answered "
        "with a booking."
    )
    (charge,) = [step for step in steps if step["who"] == "payment service"]
    assert charge["what"] == "Charge 1 of $20.00: declined (insufficient_funds)."
    assert charge["trouble"] is True
    assert "Letter “fee due” is owed, and not sent yet." in shown


async def test_a_registration_may_be_named_by_receipt_and_id_and_an_unknown_one_is_refused(
    office: Office,
) -> None:
    row = await office.row(await completed_with(paid())(office))

    by_receipt = await office.starter.json("explain", row.receipt_code)
    by_id = await office.starter.json("explain", row.id)
    unknown = await office.starter.run("explain", unknown_code())

    assert by_receipt["code"] == by_id["code"] == row.code
    assert (unknown.exit_code, "(not_found)" in unknown.stderr) == (1, True)


def changed(office: Office, row: Registration, **changes: object) -> None:
    kept = office.records.rows[row.id]
    office.records.rows[row.id] = kept.model_copy(update=changes)


async def test_sources_that_contradict_one_another_are_named(office: Office) -> None:
    row = await completed_with(paid())(office)
    family, records = office.family, office.records
    told_before = (await told(office, row))["contradictions"]

    changed(office, row, status=RegistrationStatus.FAILED, booking_number="B-other")
    changed(office, row, fee_status=FeeStatus.DUE, lateness_ms=900, audit_head="0" * 64)
    early = records.rows[row.id].scheduled_time + timedelta(seconds=1)
    changed(office, row, scheduled_time=early)
    said = (await told(office, row))["contradictions"]
    shown = flat((await office.starter.run("explain", row.code)).stdout)

    assert told_before == []
    number = f"B-{row.id}"
    for sentence in (
        f"The audit trail does not verify: {CUT}.",
        "The row is failed, and its audit trail ends as completed.",
        f"The receipt names booking {number}, the row B-other.",
        f"It failed, and an attempt of it ended in booking {number}.",
        "Charge 1 succeeded, and the fee is due by the row.",
        "The fee is paid by the receipt and due by the row.",
        "A request left 997 ms before the opening, by the worker's clock.",
        "The row says 900 ms late, and its own instants are 3 ms apart.",
    ):
        assert sentence in said
        assert f"Contradiction: {sentence}" in shown
    assert len(said) == 8
    assert family.user_id == row.user_id


async def test_money_without_a_trace_and_a_booking_without_a_receipt_are_named(
    office: Office,
) -> None:
    row = await completed_with(paid())(office)
    (charge,) = office.records.charges[row.id]
    office.records.charges[row.id] = [
        charge.model_copy(update={"status": ChargeStatus.DECLINED, "decline_code": "none"})
    ]
    del office.records.issued[row.id]
    other = await new_office()
    gone = await taken_back(other)
    changed(other, gone, fee_status=FeeStatus.REFUNDED)

    paid_for = (await told(office, row))["contradictions"]
    refunded = (await told(other, gone))["contradictions"]

    assert "The fee is paid by the row, and no charge succeeded." in paid_for
    assert "It is completed, and has no receipt: one transaction writes both." in paid_for
    assert "The fee is refunded by the row, and no refund was accepted." in refunded


async def test_a_fee_taken_twice_and_a_place_booked_twice_are_named(office: Office) -> None:
    row = await completed_with(paid())(office)
    (charge,), (attempt,) = office.records.charges[row.id], office.records.attempts[row.id]
    second = charge.charge.model_copy(update={"number": 2})
    office.records.charges[row.id].append(charge.model_copy(update={"charge": second}))
    marker = attempt.marker.model_copy(update={"fence": 2})
    again = {"marker": marker, "booking_number": "B-again"}
    office.records.attempts[row.id].append(attempt.model_copy(update=again))

    said = (await told(office, row))["contradictions"]

    numbers = ", ".join(sorted(["B-again", f"B-{row.id}"]))
    assert said == [
        f"Its attempts ended in several bookings: {numbers}.",
        "Charges 1, 2 all took the fee, which is due once.",
    ]


async def test_an_instant_is_shown_to_the_millisecond_at_eighty_columns(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    row = await failed_as(FailureCode.SOLD_OUT, "Every place was taken.")(office)

    shown = (await office.starter.run("explain", row.code)).stdout

    table = [line for line in shown.splitlines() if line.startswith(" ")]
    assert max(map(len, table)) <= 80
    assert "\x1b" not in shown
    stored = await office.row(row)
    assert f"{stored.scheduled_time.microsecond // 1000:03d}" in shown


async def test_a_database_that_is_down_is_a_sentence(office: Office) -> None:
    office.doors.database_answers = False

    result = await office.starter.run("explain", str(uuid4()))

    assert (result.exit_code, result.stdout) == (1, "")
    assert "The database does not answer" in result.stderr
