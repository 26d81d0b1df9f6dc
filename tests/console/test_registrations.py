from datetime import UTC, datetime

import pytest

from domain.registrations import Registration
from domain.states import RegistrationStatus
from tests.console.command_line import Office, idle_temporal, new_office
from tests.gateways.households import failure, paid

OPENING = datetime(2099, 12, 1, 14, 0, tzinfo=UTC)


async def test_the_list_shows_the_opening_in_its_own_zone_and_in_utc(office: Office) -> None:
    row = await office.family.draft(scheduled_time=OPENING)

    listed = (await office.starter.run("list")).stdout

    assert row.code in listed
    assert "2099-12-01 09:00:00 EST" in listed
    assert "2099-12-01 14:00:00 UTC" in listed


async def test_the_list_keeps_to_the_status_and_the_limit(office: Office) -> None:
    await office.family.draft()
    pending = await office.family.pending()
    await office.family.draft()

    one_status = await office.starter.json("list", "--status", "pending")
    limited = await office.starter.json("list", "--limit", 2)

    assert [entry["code"] for entry in one_status] == [pending.code]
    assert len(limited) == 2


async def test_an_empty_list_is_said_in_words_and_is_an_empty_array_for_programs(
    office: Office,
) -> None:
    words = await office.starter.run("list")

    assert (words.exit_code, words.stdout.strip()) == (0, "There are no such registrations.")
    assert await office.starter.json("list") == []


@pytest.mark.parametrize("command", [["list"], ["status"], ["audit", "show"]])
@pytest.mark.parametrize("form", [[], ["--json"]])
async def test_nothing_personal_is_printed(
    office: Office, command: list[str], form: list[str]
) -> None:
    row = await office.family.draft(summary="Register Ada and Bo O'Brien.")
    named = [] if command == ["list"] else [row.code]

    result = await office.starter.run(*command, *named, *form)

    assert result.exit_code == 0
    assert row.code in result.output or command == ["audit", "show"]
    for word in ("Ada", "Register", "O'Brien", "Zoë", "zoe.obrien"):
        assert word not in result.output


async def test_a_registration_is_found_by_either_code_in_any_case_and_by_its_id(
    office: Office,
) -> None:
    row = await office.family.completed(paid())
    assert row.receipt_code is not None

    for name in (row.code.lower(), row.receipt_code, row.id):
        found = await office.starter.json("status", name)
        assert found["registration_id"] == str(row.id)
        assert (found["status"], found["fee_status"]) == ("completed", "paid")


@pytest.mark.parametrize(
    "name", ["SCH-ZZZZ2222", "6f0d4a3e-1111-4111-8111-0123456789ab"], ids=["code", "uuid"]
)
async def test_an_unknown_name_is_refused_with_its_code(office: Office, name: str) -> None:
    result = await office.starter.run("status", name)

    assert result.exit_code == 1
    assert result.stdout == ""
    assert f"There is no registration {name}." in result.stderr
    assert "(not_found)" in result.stderr


async def test_what_is_neither_code_nor_id_is_wrong_usage(office: Office) -> None:
    result = await office.starter.run("status", "Ada O'Brien")

    assert result.exit_code == 2
    assert "SCH-7KQ2M9XA" in result.stderr
    assert "O'Brien" not in result.stderr


async def test_status_shows_the_row_although_temporal_is_silent(office: Office) -> None:
    row = await office.family.pending()

    words = await office.starter.run("status", row.code)
    found = await office.starter.json("status", row.code)

    assert words.exit_code == 0
    assert "Temporal does not answer" in words.stdout
    assert found["workflow"] is None
    assert "Temporal does not answer" in found["workflow_note"]
    assert found["web_ui"] is None


async def test_status_links_to_the_run_where_the_web_ui_is_known(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_UI_URL", "http://127.0.0.1:8233/")
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "prod")
    row = await office.family.pending()

    found = await office.starter.json("status", row.code)

    assert found["web_ui"] == (
        f"http://127.0.0.1:8233/namespaces/prod/workflows/registration-{row.id}"
    )


async def test_status_says_why_a_registration_failed(office: Office) -> None:
    row = await office.family.executing()
    await office.records.record_outcome(failure(row))

    shown = (await office.starter.run("status", row.code)).stdout

    assert "sold_out: Every place was taken." in shown


async def test_the_operator_cancels_another_users_draft() -> None:
    office = await new_office(idle_temporal)
    row = await office.family.draft()

    result = await office.starter.run("cancel", row.code)

    assert result.exit_code == 0
    assert result.stdout.startswith("Cancelled.")
    assert (await office.row(row)).status is RegistrationStatus.CANCELLED


async def test_a_refused_confirm_names_every_reason_and_changes_nothing() -> None:
    office = await new_office(idle_temporal)
    row = await office.family.draft()

    result = await office.starter.run(
        "confirm", row.id, "--digest", "0" * 64, "--fee-cents", row.success_fee_cents + 1
    )

    assert result.exit_code == 1
    lines = result.stderr.strip().splitlines()
    assert any(line.endswith("(digest_mismatch)") for line in lines), lines
    assert any(line.endswith("(fee_mismatch)") for line in lines), lines
    assert await office.row(row) == row


@pytest.mark.parametrize(
    ("time", "more", "code"),
    [
        ("2099-12-01T09:00", [], "naive_time"),
        ("2099-12-01T09:00", ["--zone", "Mars/Olympus"], "unknown_time_zone"),
        ("2001-01-01T09:00:00Z", [], "past_time"),
        ("noon", [], "malformed_time"),
    ],
)
async def test_a_move_to_no_usable_time_is_refused(time: str, more: list[str], code: str) -> None:
    office = await new_office(idle_temporal)
    row = await office.family.pending()

    result = await office.starter.run("reschedule", row.code, time, *more)

    assert result.exit_code == 1
    assert f"({code})" in result.stderr


async def test_a_change_needs_temporal_and_says_so(office: Office) -> None:
    row = await office.family.pending()

    result = await office.starter.run("cancel", row.code)

    assert result.exit_code == 1
    assert result.stderr.strip() == "Temporal does not answer at 127.0.0.1:1."
    assert await office.row(row) == row


async def test_a_silent_database_is_a_sentence(office: Office) -> None:
    office.doors.database_answers = False

    result = await office.starter.run("list")

    assert result.exit_code == 1
    assert "The database does not answer" in result.stderr
    assert "SUPABASE_URL" in result.stderr


async def test_a_bug_is_a_sentence_without_the_values_it_met(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(*_: object) -> list[Registration]:
        raise KeyError("zoe.obrien@example.com")

    monkeypatch.setattr(office.records, "all_registrations", crash)

    result = await office.starter.run("list")

    assert result.exit_code == 1
    assert "KeyError" in result.stderr
    assert "Traceback" not in result.output
    assert "zoe" not in result.output
