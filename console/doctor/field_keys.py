"""The keys of people's fields: does this place have those that seal what is kept."""

from console.doctor.examination import Check
from console.doctor.findings import Finding, counted, failed, passed, some, warned
from console.doctor.patient import Patient, Program
from domain.field_errors import FieldAltered
from domain.fields import FieldKeys, FieldKeyUse
from gateways import Fields

GIVE_BACK = (
    "Give FIELD_KEYS that key back, everywhere, and restart the programs before the next opening: "
    "see A field key is missing or lost in docs/operations.md."
)
SAME_EVERYWHERE = (
    "Give every program the same FIELD_KEYS. If they are, somebody wrote into the database: see A "
    "field key is missing or lost in docs/operations.md."
)
PROGRAMS = (Program.WORKER, Program.MCP)


async def _keys(patient: Patient) -> list[Finding]:
    fields = await patient.fields.own()
    records = await patient.allowed("field_keys")
    return [_judged(fields, await patient.answer(records.field_keys()))]


def _judged(fields: Fields, keys: FieldKeys) -> Finding:
    name, given = "fields.keys", _given(fields)
    unknown = [_named(use) for use in keys.sealed if use.key not in fields.names]
    if unknown:
        return failed(name, f"{given} Not known here: {some(unknown)}.", GIVE_BACK)
    foreign = [_named(use) for use in keys.sealed if not _opens(fields, use)]
    if foreign:
        return failed(
            name,
            f"{given} Another key is given under the name, or fields were moved or altered: "
            f"{some(foreign)}.",
            SAME_EVERYWHERE,
        )
    if keys.demanded_since is not None and fields.first is None:
        return failed(
            name,
            f"{given} The database takes sealed fields only, so nobody can be added or drafted "
            "for here.",
            "Give FIELD_KEYS here as the other programs have it, without `plain` in front.",
        )
    if fields.first is not None and keys.in_the_clear:
        clear = counted(keys.in_the_clear, "field")
        return warned(
            name,
            f"{given} {clear} in the clear.",
            "Run python starter.py fields rotate. If there are more each time, a program has no "
            "key: give it the same FIELD_KEYS.",
        )
    older = [_named(use) for use in keys.sealed if use.key != fields.first]
    note = f" Still at work: {some(older)}." if older else ""
    return passed(name, f"{given}{note}")


def _given(fields: Fields) -> str:
    if not fields.names:
        return "No key is given, so nothing is sealed."
    sealing = f"{fields.first} seals" if fields.first else "none seals, `plain` comes first"
    return f"{counted(len(fields.names), 'key')} given: {some(fields.names)}; {sealing}."


def _named(use: FieldKeyUse) -> str:
    return f"{use.key}, which seals {counted(use.fields, 'field')}"


def _opens(fields: Fields, use: FieldKeyUse) -> bool:
    """Whether one of those that it seals opens here."""
    if use.sample is None:
        return True
    try:
        fields.open(use.sample.text, use.sample.place)
    except FieldAltered:
        return False
    return True


CHECKS = (Check("fields.keys", _keys, "See database here.", PROGRAMS),)
