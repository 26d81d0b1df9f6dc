"""How what opens soon is shown. Codes and names of organisations only: nothing of a family."""

from collections.abc import Sequence
from typing import Any

from console.doctor.findings import State, counted, some
from console.doctor.sheet import print_findings, shown
from console.output import both, print_table, say
from console.tomorrow.faults import Fault, Matter
from console.tomorrow.instants import ARMED_SAFELY, AtInstant
from console.tomorrow.readiness import Readiness
from console.tomorrow.survey import Survey

HEADING = "bold"
MOST_CODES = 5


def facts(found: Survey, hours: int, instants: Sequence[AtInstant]) -> dict[str, Any]:
    """All of it, for programs."""
    return {
        "at": found.openings.at,
        "hours": hours,
        "ready": found.ready,
        "registrations": len(found.each),
        "not_looked_at": found.openings.more,
        "drafts": found.openings.drafts,
        "instants": [_instant_facts(one) for one in instants],
        "service": found.service,
    }


def _instant_facts(one: AtInstant) -> dict[str, Any]:
    return {
        "scheduled_time": one.opening,
        "registrations": len(one.each),
        "armed_safely": ARMED_SAFELY,
        "last_send_at": one.last_send_at,
        "accounts": [
            {
                "provider": at.account.provider,
                "org_ref": at.account.org_ref,
                "last_send_at": at.last_send_at,
                "ready": at.ready,
                "registrations": [_facts_of(each) for each in at.each],
            }
            for at in one.accounts
        ],
    }


def _facts_of(one: Readiness) -> dict[str, Any]:
    return {
        "registration_id": one.row.id,
        "code": one.row.code,
        "status": one.row.status,
        "ready": not one.blocked,
        "readiness": {matter.value: one.state_of(matter) for matter in Matter},
        "faults": [fault.of(one.row) for fault in one.faults],
        "untold": {matter.value: why for matter, why in one.untold.items()},
    }


def print_survey(found: Survey, hours: int, instants: Sequence[AtInstant]) -> None:
    """All of it, for a person."""
    for one in instants:
        _print_instant(one)
    _print_faults(found.each)
    unwell = [one for one in found.service if one.state is not State.PASS]
    if unwell:
        say("What all of them need", style=HEADING)
        print_findings(unwell)
    _print_untold(found.each)
    _print_verdict(found, hours)


def _print_instant(one: AtInstant) -> None:
    say(both(one.opening, one.time_zone), style=HEADING)
    say(
        f"{counted(len(one.each), 'registration')} at "
        f"{counted(len(one.accounts), 'account')}; the last is sent "
        f"{(one.last_send_at - one.opening).total_seconds():.2f} s after the opening."
    )
    if one.too_many:
        say(
            f"One worker arms {ARMED_SAFELY:,} of an instant in time: the last {one.too_many:,} "
            "may leave late. Run another on a machine of its own: python worker.py --queue "
            "bookings",
            style="yellow",
        )
    print_table(
        ["Account", "Ready", "Last sent"],
        [
            [
                at.account.org_ref,
                f"{at.ready} of {len(at.each)}",
                f"+{(at.last_send_at - one.opening).total_seconds():.2f} s",
            ]
            for at in one.accounts
        ],
    )


def _print_faults(each: Sequence[Readiness]) -> None:
    """Alike ones together, the gravest and most frequent first."""
    alike: dict[Fault, list[Readiness]] = {}
    for one in each:
        for fault in one.faults:
            alike.setdefault(fault, []).append(one)
    if not alike:
        return
    say("What is not ready, and what to do", style=HEADING)
    ranked = sorted(
        alike.items(), key=lambda pair: (pair[0].state is not State.FAIL, -len(pair[1]))
    )
    print_table(
        ["Registration", "State", "What is wrong, and what to do"],
        [[_codes(those), shown(fault.state), _words(fault, those)] for fault, those in ranked],
    )


def _codes(those: Sequence[Readiness]) -> str:
    listed = [one.row.code for one in those[:MOST_CODES]]
    more = len(those) - len(listed)
    return "\n".join([*listed, f"and {more} more"] if more else listed)


def _words(fault: Fault, those: Sequence[Readiness]) -> str:
    # For several, CODE stays for each one's own.
    typed = fault.of(those[0].row) if len(those) == 1 else fault
    sentence = f"{fault.sentence} ({fault.code}) {fault.remedy}"
    return "\n".join([sentence, *(f"  {command}" for command in typed.commands)])


def _print_untold(each: Sequence[Readiness]) -> None:
    why: dict[tuple[Matter, str], list[str]] = {}
    for one in each:
        for matter, because in one.untold.items():
            why.setdefault((matter, because), []).append(one.row.code)
    for (matter, because), codes in why.items():
        say(f"Not looked at: {matter.value} of {some(codes, MOST_CODES)}, because {because}.")


def _print_verdict(found: Survey, hours: int) -> None:
    within = "the next hour" if hours == 1 else f"the next {hours} hours"
    drafts, more = found.openings.drafts, found.openings.more
    if drafts:
        say(f"{counted(drafts, 'draft')} of that time still to be confirmed: nothing is booked.")
    if more:
        say(f"{more:,} more open in {within}, and were not looked at: give fewer --hours.")
    if not found.each:
        say(f"Nothing opens in {within}.", style="green")
        return
    ready = sum(not one.blocked for one in found.each)
    said = counted(len(found.each), "registration")
    if found.ready:
        partly = ", as far as was looked at" if any(one.untold for one in found.each) else ""
        say(f"{said} of {within}: all ready{partly}.", style="green")
    else:
        say(f"{said} of {within}: {ready} ready. See above what to do.", style="red")
