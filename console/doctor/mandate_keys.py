"""The keys of mandates: does this place know those that signed what is still to be done."""

from console.doctor.examination import Check
from console.doctor.findings import Finding, counted, failed, passed, some
from console.doctor.patient import Patient, Program
from domain.errors import MandateForged, MandateKeyUnknown
from domain.health import MandateKeyUse, Matter
from gateways import Mandates, Records

GIVE_BACK = (
    "Give MANDATE_SIGNING_KEYS that key back, also as NAME:pub:KEY, and restart the workers before "
    "the next opening: see A key of mandates is lost, or leaked in docs/operations.md."
)
PROGRAMS = (Program.WORKER, Program.MCP)


async def _keys(patient: Patient) -> list[Finding]:
    name = "mandates.keys"
    mandates = await patient.mandates.own()
    known = [entry.split(":")[0] for entry in mandates.public_keys().split(",")]
    given = f"{counted(len(known), 'key')} given: {some(known)}"
    report, records = await patient.health(), await patient.allowed("get_agreement")
    used = [key for key in report.mandate_keys if key.in_use]
    unknown = [_named(key) for key in used if key.name not in known]
    if unknown:
        return [failed(name, f"{given}. Not known here: {some(unknown)}.", GIVE_BACK)]
    foreign = [
        _named(key) for key in used if not await patient.answer(_verifies(records, mandates, key))
    ]
    if foreign:
        return [
            failed(
                name,
                f"{given}. Another key is given under the name, or tokens were altered: "
                f"{some(foreign)}.",
                f"{GIVE_BACK} If it is the right key: An unsigned permission, there.",
            )
        ]
    older = sum(key.in_all for key in report.mandate_keys if key.name not in known)
    note = f" {counted(older, 'finished one')} cannot be verified with them." if older else ""
    return [passed(name, f"{given}. They verify what is still to be done.{note}")]


def _named(key: MandateKeyUse) -> str:
    many = counted(key.in_use, "mandate")
    return f"{key.name or 'tokens without a name'}, which signed {many} in use"


async def _verifies(records: Records, mandates: Mandates, key: MandateKeyUse) -> bool:
    """Whether one of those that it signed is read by it."""
    if key.sample is None:
        return True
    mandate = (await records.agreement(key.sample)).mandate
    try:
        mandates.read(mandate.token if mandate else None)
    except (MandateForged, MandateKeyUnknown):
        return False
    return True


async def _unsigned(patient: Patient) -> list[Finding]:
    name, lot = "mandates.unsigned", (await patient.health()).of(Matter.UNSIGNED)
    if not lot.count:
        return [passed(name, "Every permission in use is signed.")]
    return [
        failed(
            name,
            f"{counted(lot.count, 'permission')} in use without a signature ({some(lot.codes)}): "
            "nothing is booked and nothing charged under it.",
            "See An unsigned permission in docs/operations.md; after the release that signs them: "
            "python starter.py mandate sign-old",
        )
    ]


CHECKS = (
    Check("mandates.keys", _keys, "See database here.", PROGRAMS),
    Check("mandates.unsigned", _unsigned, "See database here.", PROGRAMS),
)
