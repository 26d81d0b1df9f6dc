"""What may be wrong here: in the environment, in the database, and with the work."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from console.field_rotation import Rotation
from domain.alerts import AlertKind
from domain.backup_errors import BackupMisconfigured
from domain.backups import DueBackup
from domain.findings import new_alert
from domain.health import AppliedMigration, ExcessRight, Privileges
from domain.states import FailureCode
from tests.console.clinic import Clinic
from tests.field_keys import FIRST, SECOND, fields
from tests.gateways.households import booking, completion, declined, failure, paid, review
from tests.mandates import seed

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PAST = {"scheduled_time": datetime.now(UTC) - HOUR}


@dataclass(frozen=True)
class Case:
    """A misconfiguration, and how the doctor names it."""

    title: str
    seed: Callable[[Clinic], Awaitable[None]]
    line: str
    state: str
    words: str


async def variable_missing(clinic: Clinic) -> None:
    del clinic.env["SMTP_URL"]


async def variable_malformed(clinic: Clinic) -> None:
    clinic.env["BOOKEO_API_BASE"] = "http://127.0.0.1:1"


async def web_ui_nowhere(clinic: Clinic) -> None:
    clinic.env["TEMPORAL_UI_URL"] = "temporal.example"


async def web_key_for_the_worker(clinic: Clinic) -> None:
    clinic.env["MANDATE_SIGNING_KEYS"] = clinic.mandates.public_keys()


async def another_audience(clinic: Clinic) -> None:
    clinic.env["AUTH0_AUDIENCE"] = "https://signupassist.example"


async def webhook_elsewhere(clinic: Clinic) -> None:
    clinic.env["BOOKEO_WEBHOOK_URL"] = "https://signupassist.example/webhooks/bookeo/"


async def database_down(clinic: Clinic) -> None:
    clinic.database_answers = False


async def role_of_a_user(clinic: Clinic) -> None:
    clinic.records.role = "authenticated"


async def table_granted(clinic: Clinic) -> None:
    right = ExcessRight(role="service_role", privilege="select", thing="children")
    clinic.records.privileges = Privileges(excess=(right,))


async def function_withheld(clinic: Clinic) -> None:
    clinic.records.privileges = Privileges(withheld=("claim_registration",))


async def table_unguarded(clinic: Clinic) -> None:
    clinic.records.privileges = Privileges(unguarded=("children",))


async def trigger_off(clinic: Clinic) -> None:
    off = ("audit_events.audit_events_append_only",)
    clinic.records.privileges = Privileges(disabled_triggers=off)


async def migration_missing(clinic: Clinic) -> None:
    clinic.records.applied = clinic.records.applied[:-1]


async def migration_changed(clinic: Clinic) -> None:
    first = clinic.records.applied[0].model_copy(update={"sha256": "0" * 64})
    clinic.records.applied = (first, *clinic.records.applied[1:])


async def migration_unknown(clinic: Clinic) -> None:
    clinic.records.applied += (AppliedMigration(version="29990101000000"),)


async def bookings_paused(clinic: Clinic) -> None:
    await clinic.records.pause_bookings("Bookeo announced maintenance")


async def nobody_claims(clinic: Clinic) -> None:
    await clinic.family.pending(**PAST)


async def execution_stuck(clinic: Clinic) -> None:
    await clinic.family.executing(**PAST)


async def window_missed(clinic: Clinic) -> None:
    row = await clinic.family.executing(**PAST)
    missed = {"failure_code": FailureCode.MISSED_WINDOW}
    await clinic.records.record_outcome(failure(row).model_copy(update=missed))


async def sent_late(clinic: Clinic) -> None:
    row = await clinic.family.sent()
    await clinic.family.charge(row)
    late = booking(row).model_copy(update={"lateness_ms": 3_000})
    await clinic.records.record_outcome(completion(row, paid(), late))


async def receipt_lost(clinic: Clinic) -> None:
    row = await clinic.family.completed(paid())
    del clinic.records.issued[row.id]


async def booked_and_not_recorded(clinic: Clinic) -> None:
    await clinic.family.charge(await clinic.family.sent())
    clinic.later(timedelta(minutes=11))


async def charge_undecided(clinic: Clinic) -> None:
    await clinic.family.charge(await clinic.family.sent())
    clinic.later(2 * HOUR)


async def fee_unpaid(clinic: Clinic) -> None:
    await clinic.family.completed(declined())
    clinic.later(2 * DAY)


async def letters_unsent(clinic: Clinic) -> None:
    await clinic.family.pending()
    clinic.later(HOUR)


async def nobody_decided(clinic: Clinic) -> None:
    await clinic.records.record_outcome(review(await clinic.family.sent()))
    await clinic.records.settle_alert((await clinic.records.open_alerts(1))[0].key)


async def alert_open(clinic: Clinic) -> None:
    row = await clinic.family.pending()
    await clinic.records.raise_alert(new_alert(AlertKind.RUN_MISSING, row.id, "It has no run."))


async def sealed_with(clinic: Clinic, *keys: str) -> None:
    """Every field, with the first of those keys."""
    doing = Rotation(clinic.records, fields(*keys), lambda _rows: None)
    assert (await doing.run()).left == 0


async def field_keys_missing(clinic: Clinic) -> None:
    await sealed_with(clinic, FIRST)


async def field_key_unknown(clinic: Clinic) -> None:
    await sealed_with(clinic, FIRST)
    clinic.env["FIELD_KEYS"] = SECOND


async def field_key_another(clinic: Clinic) -> None:
    await sealed_with(clinic, FIRST)
    clinic.env["FIELD_KEYS"] = f"first:{seed(99)}"


async def fields_in_the_clear(clinic: Clinic) -> None:
    clinic.env["FIELD_KEYS"] = FIRST


async def fields_demanded_and_none_sealed(clinic: Clinic) -> None:
    await sealed_with(clinic, FIRST)
    await clinic.records.demand_sealed_fields(demanded=True)
    clinic.env["FIELD_KEYS"] = f"plain,{FIRST}"


async def backups_not_told_of(clinic: Clinic) -> None:
    for name in ("BACKUP_KEYS", "BACKUP_TARGET"):
        del clinic.env[name]


async def backups_told_of_in_part(clinic: Clinic) -> None:
    del clinic.env["BACKUP_KEYS"]


async def backup_login_wrong(clinic: Clinic) -> None:
    clinic.archive.failure = BackupMisconfigured("DATABASE_URL logs in as another")


async def backups_all_off(clinic: Clinic) -> None:
    nightly = clinic.records.backup_schedules["nightly"]
    clinic.records.backup_schedules["nightly"] = nightly.model_copy(update={"enabled": False})


async def backup_failed(clinic: Clinic) -> None:
    due = DueBackup(backup_id=uuid4(), schedule="nightly", due_at=datetime.now(UTC))
    await clinic.records.begin_backup(due)
    await clinic.records.note_backup_failed(due.backup_id, "BackupDamaged")


async def backups_too_old(clinic: Clinic) -> None:
    clinic.later(3 * DAY)


HERE = [
    Case("a variable is missing", variable_missing, "variables.worker", "fail", "SMTP_URL is"),
    Case("one is malformed", variable_malformed, "variables.mcp", "fail", "BOOKEO_API_BASE is mal"),
    Case(
        "the Web UI has no address",
        web_ui_nowhere,
        "variables.mcp",
        "fail",
        "TEMPORAL_UI_URL is",
    ),
    Case(
        "the worker has the web's keys of mandates",
        web_key_for_the_worker,
        "variables.worker",
        "fail",
        "must be one to sign with",
    ),
    Case("the audience is another", another_audience, "variables.addresses", "warn", "AUTH0_AUD"),
    Case("a slash too much in a webhook", webhook_elsewhere, "variables.addresses", "warn", "_URL"),
    Case("the database is down", database_down, "database.connection", "fail", "does not answer"),
    Case("our key is a user's", role_of_a_user, "database.role", "fail", "authenticated"),
    Case("a table is granted", table_granted, "database.grants", "fail", "may select children"),
    Case("a function is withheld", function_withheld, "database.grants", "fail", "claim_reg"),
    Case("row level security is off", table_unguarded, "database.rls", "fail", "children"),
    Case("a trigger is off", trigger_off, "database.rls", "fail", "append_only"),
    Case("a migration is missing", migration_missing, "database.schema", "fail", "are missing"),
    Case("a migration was changed", migration_changed, "database.schema", "fail", "were changed"),
    Case("the release is too old", migration_unknown, "database.schema", "warn", "29990101000000"),
    Case("bookings are paused", bookings_paused, "work.bookings", "warn", "paused"),
    Case("jobs never execute", nobody_claims, "work.overdue", "fail", "still pending"),
    Case("a job does not end", execution_stuck, "work.overdue", "fail", "executing for more"),
    Case("a window was missed", window_missed, "work.missed", "warn", "not worked on"),
    Case("jobs execute late", sent_late, "work.lateness", "warn", "more than a second"),
    Case("a receipt is lost", receipt_lost, "work.receipts", "fail", "without a receipt"),
    Case(
        "a booking has no receipt yet",
        booked_and_not_recorded,
        "work.receipts",
        "fail",
        "neither charged nor recorded",
    ),
    Case("a charge has no answer", charge_undecided, "work.fees", "fail", "has no answer"),
    Case("a fee is not charged", fee_unpaid, "work.fees", "warn", "unpaid for more than a day"),
    Case("letters stay here", letters_unsent, "work.letters", "warn", "were not sent"),
    Case("a person has to decide", nobody_decided, "work.reviews", "warn", "in review"),
    Case("an alert is open", alert_open, "work.alerts", "warn", "1 run_missing"),
    Case("no field key is given", field_keys_missing, "fields.keys", "fail", "known here: first"),
    Case("a field key is lost", field_key_unknown, "fields.keys", "fail", "known here: first"),
    Case("another field key", field_key_another, "fields.keys", "fail", "under the name"),
    Case("fields are not sealed", fields_in_the_clear, "fields.keys", "warn", "in the clear"),
    Case(
        "sealed fields are demanded of who seals none",
        fields_demanded_and_none_sealed,
        "fields.keys",
        "fail",
        "sealed fields only",
    ),
    Case("nothing is said of backups", backups_not_told_of, "backups.access", "warn", "neither"),
    Case("a backup key is missing", backups_told_of_in_part, "variables.worker", "fail", "BACKUP_"),
    Case("another login reads", backup_login_wrong, "backups.access", "fail", "as another"),
    Case("every backup is off", backups_all_off, "backups.newest.nightly", "warn", "It is off"),
    Case("the last backup failed", backup_failed, "backups.newest.nightly", "fail", "BackupDam"),
    Case("there is no backup", backups_too_old, "backups.newest.nightly", "fail", "None was"),
]
