"""How a story is shown."""

from datetime import datetime
from typing import Any

from console.output import print_table, say, utc
from console.story.contradictions import contradictions
from console.story.ending import ending
from console.story.for_parent import for_parent
from console.story.ledger_steps import ledger_steps
from console.story.sources import Sources
from console.story.steps import Step, ordered
from console.story.trail import trail_steps
from domain.opening import zone

HEADING = "bold"


def timeline(found: Sources) -> list[Step]:
    """Every step of every source, as they happened."""
    of_runs = [step for run in found.runs for step in run.steps]
    return ordered([*trail_steps(found.trail), *ledger_steps(found.ledger), *of_runs])


def parent_facts(found: Sources) -> dict[str, Any]:
    """What its parent would be told, for programs."""
    return {"code": found.row.code, "time_zone": found.time_zone, "sentences": for_parent(found)}


def operator_facts(found: Sources) -> dict[str, Any]:
    """All of it, for programs."""
    steps = timeline(found)
    return {
        "registration_id": found.row.id,
        "code": found.row.code,
        "status": found.row.status,
        "fee_status": found.row.fee_status,
        "failure_code": found.row.failure_code,
        "scheduled_time": found.row.scheduled_time,
        "ending": ending(found, steps),
        "steps": steps,
        "contradictions": contradictions(found),
        "unread": found.unread,
    }


def print_for_parent(found: Sources) -> None:
    """Sentences to be read to the parent, or written to them."""
    for sentence in for_parent(found):
        say(sentence)


def print_for_operator(found: Sources) -> None:
    """The last word first, then what cannot all be true, then step by step."""
    row, steps = found.row, timeline(found)
    told = ending(found, steps)
    say(f"{row.code}  {row.id}", style=HEADING)
    say(f"{row.status.value}, fee {row.fee_status.value}. {told.because}")
    if told.next is not None:
        say(told.next)
    for sentence in contradictions(found):
        say(f"Contradiction: {sentence}", style="red")
    for sentence in found.unread:
        say(f"Not read: {sentence}", style="yellow")
    say(
        f"Opening: {_to_the_millisecond(row.scheduled_time, row.time_zone)} in {row.time_zone}, "
        f"{utc(row.scheduled_time)}. Each step by the "
        "clock of the database (db), of Temporal (t) or of the worker that sent (w); ! went wrong."
    )
    print_table(
        ["When", "", "Who", "What"],
        [
            [
                _to_the_millisecond(step.at, row.time_zone),
                f"{_CLOCKS[step.clock.value]}{' !' if step.trouble else ''}",
                step.who,
                step.what,
            ]
            for step in steps
        ],
    )


_CLOCKS = {"database": "db", "temporal": "t", "worker": "w"}


def _to_the_millisecond(instant: datetime, time_zone: str) -> str:
    local = instant.astimezone(zone(time_zone))
    return f"{local:%m-%d %H:%M:%S}.{local.microsecond // 1000:03d}"
