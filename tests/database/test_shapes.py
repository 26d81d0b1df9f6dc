"""Every answer is the JSON of the domain's model, field for field."""

import inspect
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import uuid4

import pytest
from pydantic import BaseModel

from domain.attempts import OpenedAttempt
from domain.audit import AuditEvent, AuditVerdict
from domain.backups import Backup, BackupSchedule, DueBackup, WrittenBackup
from domain.contracts import Claim, Standing
from domain.family import Child, Profile
from domain.mandates import UnsignedMandate
from domain.payments import ChargeStatus, FrozenCharge
from domain.programs import FoundProgram, OpeningSource, Program
from domain.registrations import (
    Agreement,
    Dossier,
    Mandate,
    Notification,
    Receipt,
    Registration,
)
from domain.states import (
    LIVE_STATUSES,
    AuditKind,
    FailureCode,
    FeeStatus,
    NotificationKind,
    RegistrationStatus,
)
from gateways.protocols.records import Records
from tests.database import steps
from tests.database.door import Database, Door
from tests.database.family import Family

FUNCTION_OF = {
    "profile": "get_profile",
    "ledger": "registration_ledger",
    "payer": "get_profile",
    "subscription": "get_subscription",
    "mirror": "mirror_subscription",
    "take_event": "take_stripe_event",
    "event_worked": "stripe_event_worked",
    "recovery": "get_recovery",
    "children": "list_children",
    "program": "get_program",
    "draft": "draft_registration",
    "registration": "get_registration",
    "registrations": "list_registrations",
    "all_registrations": "list_all_registrations",
    "registration_by_code": "get_registration_by_code",
    "agreement": "get_agreement",
    "dossier": "get_dossier",
    "confirm": "confirm_registration",
    "reschedule": "reschedule_registration",
    "cancel": "cancel_registration",
    "claim": "claim_registration",
    "receipts": "list_receipts",
    "all_receipts": "list_all_receipts",
    "unsent": "unsent_notifications",
    "mark_sent": "mark_notification_sent",
}
"""Where a function is not called as its method."""


def assert_shaped(answer: Any, model: type[BaseModel]) -> None:
    """The answer's fields are the model's, and read and written again they are the same."""
    shown = {name for name, field in model.model_fields.items() if not field.exclude}
    assert set(answer) == shown
    again = model.model_validate(answer).model_dump(mode="json")
    assert _comparable(again) == _comparable(answer)


def _comparable(value: Any) -> Any:
    """The same value with one spelling of each instant."""
    match value:
        case dict():
            # A mandate's token is read, and never written again.
            return {name: _comparable(each) for name, each in value.items() if name != "token"}  # pyright: ignore[reportUnknownVariableType]  # any JSON
        case list():
            return [_comparable(each) for each in value]  # pyright: ignore[reportUnknownVariableType]  # any JSON
        case str() if re.match(r"\d{4}-\d\d-\d\dT", value):
            return datetime.fromisoformat(value).astimezone(UTC)
        case _:
            return value


def test_every_method_of_the_protocol_is_one_function_with_its_parameters(
    database: Database,
) -> None:
    methods = {
        FUNCTION_OF.get(name, name): [
            f"p_{parameter}"
            for parameter in inspect.signature(method).parameters
            if parameter != "self"
        ]
        for name, method in inspect.getmembers(Records, inspect.isfunction)
        if not name.startswith("_") and name not in ("aclose", "words")
    }
    functions = database.rows(
        "select proname, coalesce(proargnames, '{}') from pg_proc"
        " where pronamespace = 'public'::regnamespace"
    )
    assert dict(functions) == methods


def test_people_are_shaped_as_profile_and_child(family: Family, door: Door) -> None:
    assert_shaped(door.call("get_profile", user_id=family.user_id), Profile)
    for child in door.call("list_children", user_id=family.user_id):
        assert_shaped(child, Child)
    newcomer = door.call("user_for", issuer="https://other.example/", subject=str(uuid4()))
    assert_shaped(door.call("get_profile", user_id=newcomer), Profile)


def test_the_catalogue_is_shaped_as_programs(family: Family, door: Door) -> None:
    assert_shaped(family.program, Program)
    for found in door.call(
        "find_programs", text="swim", org_ref=family.program["org_ref"], limit=5
    ):
        assert_shaped(found, FoundProgram)
    by_ref = door.call(
        "get_program", org_ref=family.program["org_ref"], program_ref="P100", event_id="E1"
    )
    assert_shaped(by_ref, FoundProgram)
    assert door.call("get_program", org_ref="none", program_ref="P100", event_id="E1") is None


def test_a_life_is_shaped_as_the_protocol_says(family: Family, door: Door) -> None:
    row = family.draft()
    assert_shaped(door.call("get_dossier", registration_id=row.id), Dossier)
    assert_shaped(door.call("get_agreement", registration_id=row.id), Agreement)
    assert_shaped(steps.confirm(door, row), Standing)
    row = family.now(row)
    claimed = steps.claim(door, row)
    assert_shaped(claimed, Claim)
    assert claimed["standing"]["audit_head"] == family.now(row).audit_head
    assert_shaped(steps.open_attempt(door, row), OpenedAttempt)
    opened = steps.open_charge(door, row)
    assert_shaped(opened["charge"], FrozenCharge)
    assert_shaped(opened["dossier"], Dossier)
    row = family.now(row)
    assert_shaped(door.call("record_outcome", order=steps.completion(row, None)), Standing)
    assert_shaped(door.call("get_registration", registration_id=row.id), Registration)
    for receipt in door.call("list_receipts", user_id=family.user_id, limit=5):
        assert_shaped(receipt, Receipt)
    for event in door.call("audit_trail", registration_id=row.id):
        assert_shaped(event, AuditEvent)
    assert_shaped(door.call("verify_audit", registration_id=row.id), AuditVerdict)
    for letter in door.call("unsent_notifications", registration_id=row.id):
        assert_shaped(letter, Notification)
        assert door.call("mark_notification_sent", notification_id=letter["id"]) is None
    assert family.told(row) == []


def test_a_mandate_is_shaped_with_its_children_in_order(family: Family, door: Door) -> None:
    named = [str(child) for child in reversed(family.child_ids)]
    row = family.draft(child_ids=named)
    steps.confirm(door, row)
    mandate = steps.revoke(door, row)
    assert_shaped(mandate, Mandate)
    assert mandate["child_ids"] == named
    assert mandate["id"] == str(family.now(row).mandate_id)
    dossier = door.call("get_dossier", registration_id=row.id)
    assert [child["id"] for child in dossier["children"]] == named


def test_an_unsigned_mandate_is_shaped_as_the_protocol_says(family: Family, door: Door) -> None:
    row = family.pending()
    listed = door.call("unsigned_mandates", limit=100_000)
    for unsigned in listed:
        assert_shaped(unsigned, UnsignedMandate)
    assert str(row.id) in {unsigned["registration_id"] for unsigned in listed}
    signed = door.call(
        "sign_mandate",
        registration_id=row.id,
        mandate_token="a.b.c",
        by="kim",
        operation_key=steps.key("sign"),
    )
    assert_shaped(signed, Standing)


def test_backups_are_shaped_as_the_protocol_says(door: Door) -> None:
    schedule = {"name": f"s-{uuid4().hex[:12]}", "every": "PT1H", "enabled": True}
    keep = {"last": 1, "daily": 1, "weekly": 1, "monthly": 1}
    first = "2026-03-01T03:00:00Z"
    saved = door.call(
        "save_backup_schedule", schedule={**schedule, "next_due_at": first, "keep": keep}
    )
    # A duration has many spellings, of which the model chooses another.
    assert set(saved) == set(BackupSchedule.model_fields)
    assert BackupSchedule.model_validate(saved).every == timedelta(hours=1)
    (due,) = [
        one for one in door.call("due_backups", at=first) if one["schedule"] == schedule["name"]
    ]
    assert_shaped(due, DueBackup)
    assert_shaped(door.call("begin_backup", due=due), Backup)
    place = f"{schedule['name']}/20260301T030000Z-3f9a1c2e"
    kept = WrittenBackup(
        place=place,
        taken_at=datetime.fromisoformat(first),
        rows=1,
        size_bytes=2,
        chunks=1,
        key_name="a",
    )
    assert_shaped(
        door.call("note_backup_written", backup_id=due["backup_id"], written=kept), Backup
    )
    assert_shaped(door.call("note_backup_verified", backup_id=due["backup_id"]), Backup)
    for one in door.call("list_backups", limit=5):
        assert_shaped(one, Backup)
    assert door.call("note_backup_removed", place=place) is None


def test_instants_keep_their_microseconds(family: Family) -> None:
    moment = datetime.now(UTC).replace(microsecond=123_457) + timedelta(days=1)
    assert family.draft(scheduled_time=moment.isoformat()).scheduled_time == moment


WORDS: dict[str, tuple[str, str, type[StrEnum]]] = {
    "status": ("scheduled_registrations", "status", RegistrationStatus),
    "fee_status": ("scheduled_registrations", "fee_status", FeeStatus),
    "failure_code": ("scheduled_registrations", "failure_code", FailureCode),
    "opening_source": ("scheduled_registrations", "opening_source", OpeningSource),
    "program_source": ("programs", "opening_source", OpeningSource),
    "charge": ("charges", "status", ChargeStatus),
    "kind": ("audit_events", "kind", AuditKind),
    "letter": ("notifications", "kind", NotificationKind),
}


@pytest.mark.parametrize("which", WORDS)
def test_the_check_constraints_spell_the_states_as_the_domain_does(
    database: Database, which: str
) -> None:
    table, column, words = WORDS[which]
    ((definition,),) = database.rows(
        "select pg_get_constraintdef(oid) from pg_constraint where conname = %s",
        f"{table}_{column}_check",
    )
    assert set(re.findall(r"'(\w+)'", definition)) == {word.value for word in words}


STAGES: dict[str, Callable[[Family], Registration]] = {
    "draft": Family.draft,
    "pending": Family.pending,
    "executing": Family.executing,
    "failed": Family.failed,
    "cancelled": Family.cancelled,
    "needs_review": Family.needs_review,
    "completed": lambda family: family.completed(steps.fee_paid()),
}


@pytest.mark.parametrize("stage", STAGES)
def test_a_child_is_live_exactly_while_its_registration_is(
    database: Database, family: Family, stage: str
) -> None:
    row = STAGES[stage](family)
    live = database.rows(
        "select distinct live from registration_children where registration_id = %s", row.id
    )
    assert live == [(RegistrationStatus(stage) in LIVE_STATUSES,)]
