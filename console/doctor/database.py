"""The database: does it answer us, who may do what there, and is its schema this release's."""

from base64 import urlsafe_b64decode

from pydantic import BaseModel, ConfigDict, SecretStr

from console.deploy import released_migrations
from console.doctor.examination import Check
from console.doctor.findings import Finding, failed, passed, some, warned
from console.doctor.patient import PROGRAM_ROLES, Patient, Program
from domain.errors import RecordsMisconfigured
from domain.health import Privileges
from settings import RecordsSettings, SettingsError

ONE_KEY = "service_role"
PUBLIC_ROLES = ("anon", "authenticated")

DEPLOY = "Run python starter.py deploy."
REVOKE = "Revoke it as the user of DATABASE_URL, and find out who granted it."
PROGRAMS = (Program.WORKER, Program.MCP)


async def _connection(patient: Patient) -> list[Finding]:
    name = "database.connection"
    try:
        await patient.records.own()
    except RecordsMisconfigured as refused:
        return [failed(name, f"The database refuses our key: {refused}.", _about_the_key())]
    return [passed(name, "The data API answers, and takes our key.")]


def _about_the_key() -> str:
    try:
        role = _role_of(RecordsSettings.load().supabase_service_role_key)
    except SettingsError:
        role = None
    if role in PUBLIC_ROLES:
        return (
            f"SUPABASE_SERVICE_ROLE_KEY holds the key of {role}, which may do nothing: give it the "
            "service's, sb_secret_… or the service-role JWT."
        )
    if role in PROGRAM_ROLES.values():
        return (
            f"SUPABASE_SERVICE_ROLE_KEY holds the key of {role}. If it has not ended, run the "
            "doctor with a secret key of the project."
        )
    return f"Correct SUPABASE_SERVICE_ROLE_KEY, or: {DEPLOY}"


class _Claims(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    role: str | None = None


def _role_of(key: SecretStr) -> str | None:
    """The role that a key says it is good for; unverified, and only ever used in a sentence."""
    text = key.get_secret_value()
    if text.startswith("sb_"):
        return "anon" if text.startswith("sb_publishable_") else None
    _, _, rest = text.partition(".")
    payload = rest.partition(".")[0]
    try:
        claims = urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        return _Claims.model_validate_json(claims).role
    except ValueError:
        return None


async def _role(patient: Patient) -> list[Finding]:
    name, role = "database.role", (await patient.health()).role
    if role == ONE_KEY:
        return [passed(name, f"Our key is that of {role}: one key for every program.")]
    if role in PUBLIC_ROLES:
        return [failed(name, f"Our key is that of {role}, which should do nothing.", REVOKE)]
    others = [r for program, r in PROGRAM_ROLES.items() if program not in patient.programs]
    if role in others:
        return [
            failed(
                name,
                f"Our key is that of {role}, another program's: what is done here is refused.",
                "Give SUPABASE_SERVICE_ROLE_KEY this program's own key.",
            )
        ]
    return [passed(name, f"Our key is that of {role}: a key for one program, with its rights.")]


async def _rights(patient: Patient) -> list[Finding]:
    report = await patient.health()
    return [*_grants(report.role, report.privileges), _guards(report.privileges)]


def _grants(role: str, privileges: Privileges) -> list[Finding]:
    name = "database.grants"
    if privileges.excess:
        rights = [f"{one.role} may {one.privilege} {one.thing}" for one in privileges.excess]
        return [failed(name, f"More is granted than should be: {some(rights)}.", REVOKE)]
    if privileges.withheld and role == ONE_KEY:
        return [
            failed(
                name,
                f"{role} may not execute {some(privileges.withheld)}, which the programs call.",
                f"Grant it as the migrations do. {DEPLOY}",
            )
        ]
    return [
        passed(name, "No role of the data API has a table, and none calls what is not its own.")
    ]


def _guards(privileges: Privileges) -> Finding:
    name = "database.rls"
    faults = {
        "Tables without row level security": privileges.unguarded,
        "Policies that let somebody write": privileges.writing_policies,
        "Triggers that are switched off": privileges.disabled_triggers,
    }
    found = [f"{what}: {some(things)}." for what, things in faults.items() if things]
    if found:
        return failed(
            name,
            " ".join(found),
            "Put it back as the migrations have it (alter table … enable …), and find out who "
            "changed it: until then verify the audit trails.",
        )
    return passed(name, "Every table has row level security, and every trigger is on.")


async def _schema(patient: Patient) -> list[Finding]:
    name = "database.schema"
    try:
        report = (await patient.report.own()).report
    except RecordsMisconfigured as refused:
        older = f"The database's schema is older than this release: {refused}."
        return [failed(name, older, DEPLOY)]
    released, applied = released_migrations(), {one.version: one.sha256 for one in report.applied}
    missing = sorted(
        version for version, one in released.items() if version not in applied and not one.contracts
    )
    waiting = sorted(released.keys() - applied.keys() - set(missing))
    newer = sorted(applied.keys() - released.keys())
    changed = sorted(
        version
        for version, sha256 in applied.items()
        if sha256 is not None and version in released and released[version].sha256 != sha256
    )
    if missing:
        return [failed(name, f"Migrations are missing: {some(missing)}.", DEPLOY)]
    if changed:
        return [
            failed(
                name,
                f"Migrations were changed after they were applied: {some(changed)}.",
                "Restore those files, and put the change into a new migration.",
            )
        ]
    if waiting:
        return [
            warned(
                name,
                f"The release is not finished: {some(waiting)} waits.",
                "When no program of the release before runs: python starter.py deploy --finish.",
            )
        ]
    if newer:
        return [
            warned(
                name,
                f"The database has migrations that this release does not know: {some(newer)}.",
                "Unless the release before was just put back, install the newer one here.",
            )
        ]
    return [passed(name, f"It is this release's, up to {max(applied, default='nothing')}.")]


CHECKS = (
    Check(
        "database.connection",
        _connection,
        "Bring the database back, or correct SUPABASE_URL.",
        PROGRAMS,
    ),
    Check("database.role", _role, DEPLOY, PROGRAMS),
    Check("database.grants", _rights, DEPLOY, PROGRAMS),
    Check("database.schema", _schema, "Look at the database's log.", PROGRAMS),
)
