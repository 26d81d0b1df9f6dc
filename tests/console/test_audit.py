import json
from uuid import UUID

import pytest

from domain.audit import AuditEvent, AuditVerdict
from domain.registrations import Registration
from gateways.fakes.records import InMemoryRecords
from tests.console.command_line import Office, unknown_code
from tests.gateways.households import paid


def alter(records: InMemoryRecords, row: Registration, seq: int) -> None:
    """Change what an event says, as somebody with the database's password could."""
    trail = records.trails[row.id]
    trail[seq - 1] = trail[seq - 1].model_copy(update={"detail": {"max_total_cents": 1}})


def cut_tail(records: InMemoryRecords, row: Registration) -> None:
    records.trails[row.id].pop()


async def test_show_lists_every_event_with_the_zones_time_and_utc(office: Office) -> None:
    row = await office.family.pending()

    shown = await office.starter.run("audit", "show", row.code)
    events = await office.starter.json("audit", "show", row.code)

    assert shown.exit_code == 0
    assert "drafted" in shown.stdout
    assert "confirmed" in shown.stdout
    assert "UTC" in shown.stdout
    assert [event["kind"] for event in events] == ["drafted", "confirmed"]
    assert [AuditEvent.model_validate(event) for event in events] == office.records.trails[row.id]


async def test_a_whole_trail_holds_and_the_missing_workflow_check_is_said(office: Office) -> None:
    row = await office.family.completed(paid())

    result = await office.starter.run("audit", "verify", row.code)

    assert result.exit_code == 0
    assert "1 of 1 hold." in result.stdout
    assert "Not compared with the workflow: Temporal does not answer" in result.stdout


async def test_an_altered_event_is_found_here_and_in_the_database(office: Office) -> None:
    whole, broken = await office.family.pending(), await office.family.draft()
    alter(office.records, broken, 1)

    result = await office.starter.run("audit", "verify", "--all")

    assert result.exit_code == 1
    assert "1 of 2 hold." in result.stdout
    assert f"{broken.code} is broken (here): event 1 was altered." in result.stderr
    assert f"{broken.code} is broken (database): event 1 was altered." in result.stderr
    assert whole.code not in result.stderr


async def test_a_tail_that_was_cut_off_is_found(office: Office) -> None:
    row = await office.family.pending()
    cut_tail(office.records, row)

    result = await office.starter.run("audit", "verify", row.id, "--json")

    assert result.exit_code == 1
    (verdict,) = json.loads(result.stdout)
    assert (verdict["code"], verdict["holds"], verdict["events"]) == (row.code, False, 1)
    assert "does not end where" in verdict["here"]["problem"]


async def test_a_database_that_answers_wrongly_does_not_hide_the_fault(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = await office.family.pending()
    alter(office.records, row, 2)

    async def lie(_: UUID) -> AuditVerdict:
        return AuditVerdict(holds=True, events=2, head="0" * 64)

    monkeypatch.setattr(office.records, "verify_audit", lie)

    result = await office.starter.run("audit", "verify", row.code)

    assert result.exit_code == 1
    assert "(here)" in result.stderr
    assert "(database)" not in result.stderr


async def test_an_event_written_while_the_trail_is_read_is_no_fault(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = await office.family.draft()
    read = office.records.audit_trail
    writes = iter([True, False])

    async def read_late(registration_id: UUID) -> list[AuditEvent]:
        if next(writes):
            await office.family.confirm(row)
        return await read(registration_id)

    monkeypatch.setattr(office.records, "audit_trail", read_late)

    (verdict,) = await office.starter.json("audit", "verify", row.code)

    assert (verdict["holds"], verdict["events"]) == (True, 2)


async def test_every_unknown_code_is_named_and_nothing_is_verified(office: Office) -> None:
    row = await office.family.draft()
    unknown = [unknown_code(), unknown_code()]

    result = await office.starter.run("audit", "verify", row.code, *unknown)

    assert result.exit_code == 1
    assert result.stdout == ""
    assert all(code in result.stderr for code in unknown)


async def test_a_registration_named_twice_is_verified_once(office: Office) -> None:
    row = await office.family.draft()

    assert len(await office.starter.json("audit", "verify", row.code, row.id)) == 1


async def test_verify_wants_either_names_or_all(office: Office) -> None:
    row = await office.family.draft()

    neither = await office.starter.run("audit", "verify")
    both = await office.starter.run("audit", "verify", row.code, "--all")

    assert (neither.exit_code, both.exit_code) == (2, 2)
    assert "--all" in neither.stderr


async def test_no_registrations_at_all_is_no_fault(office: Office) -> None:
    result = await office.starter.run("audit", "verify", "--all")

    assert (result.exit_code, result.stdout.strip()) == (0, "There are no registrations to verify.")
