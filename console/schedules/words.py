"""What is said of schedules to a person."""

from collections.abc import Sequence

from console.output import NOTHING, print_table, say, utc
from console.schedules.applying import Applied
from console.schedules.health import Health
from console.schedules.looking import Listed
from console.schedules.meaning import Difference
from console.schedules.planning import Change, Plan, Planned

CHANGES = (Change.CREATED, Change.CHANGED)
TO_DO = {Change.CREATED: "create", Change.CHANGED: "change", Change.UNCHANGED: "leave as it is"}


def applied_in_words(applied: Sequence[Applied]) -> str:
    """What applying did, in a sentence or two."""
    changed = [f"{one.id} ({one.change.value})" for one in applied if one.change in CHANGES]
    paused = [one.id for one in applied if one.paused]
    said = f"Schedules applied: {', '.join(changed) or 'none, all were there'}."
    return f"{said} Still paused: {', '.join(paused)}." if paused else said


def print_plan(plan: Plan) -> None:
    """What applying would do, a line a schedule."""
    print_table(
        ["Schedule", "Apply would", "Difference: now -> declared"],
        [[one.id, TO_DO[one.change], _differences(one)] for one in plan.jobs],
    )
    for one in plan.jobs:
        if one.paused:
            say(f"{one.id} is paused, and stays so: {one.paused_because}")
    if plan.left_over:
        say(
            f"Declared no more: {', '.join(plan.left_over)}. When no worker of the release before "
            "runs: python starter.py schedules prune"
        )
    if plan.newer:
        say(
            f"Apply is refused: Temporal has version {plan.known_version} of the table, and this "
            f"release declares {plan.version}.",
            style="red",
        )


def print_list(found: Sequence[Listed]) -> None:
    """The schedules, a line each."""
    print_table(
        ["Schedule", "When", "State", "Last run (UTC)", "Next run (UTC)", "Runs", "What it does"],
        [
            [
                one.id,
                one.when,
                ("paused" if one.paused else "running") + _whose(one),
                utc(one.last_run) if one.last_run else NOTHING,
                utc(one.next_run) if one.next_run and not one.paused else NOTHING,
                health_in_words(one.health),
                one.note,
            ]
            for one in found
        ],
    )


def health_in_words(health: Health) -> str:
    """As `120, 3 missed, 1 skipped; 2 left out lately, the last 2026-12-01 14:05:00 UTC`."""
    parts = [f"{health.missed} missed" if health.missed else ""]
    parts += [f"{health.skipped} skipped" if health.skipped else ""]
    ever = ", ".join([str(health.began), *filter(None, parts)])
    if health.left_out_last is None:
        return ever
    return f"{ever}; {health.left_out} left out lately, the last {utc(health.left_out_last)}"


def _whose(one: Listed) -> str:
    if one.declared:
        return ""
    return ", not ours" if one.version is None else ", declared no more"


def _differences(planned: Planned) -> str:
    return "; ".join(map(_difference, planned.differences)) or NOTHING


def _difference(one: Difference) -> str:
    if one.now is None and one.declared is None:
        return one.what
    return f"{one.what}: {one.now or NOTHING} -> {one.declared or NOTHING}"
