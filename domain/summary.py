"""What a parent reads before confirming, and the digest that ties the confirm to it."""

import hashlib
from datetime import datetime
from uuid import UUID

from domain.money import Money
from domain.opening import in_words
from domain.programs import OpeningSource, Program


def draft_summary(
    program: Program,
    organisation: str,
    children: tuple[str, ...],
    scheduled_time: datetime,
    time_zone: str,
    source: OpeningSource,
    cap: Money,
    fee: Money,
) -> str:
    """The whole agreement in words. `children` are first names, shown to their own parent."""
    price = program.price_for(len(children))
    return (
        f"Register {_listed(children)} for {program.name} at {organisation}, "
        f"{in_words(program.starts_at, program.time_zone)}.\n"
        f"We book the second registration opens: {in_words(scheduled_time, time_zone)} "
        f"({source.in_words()}).\n"
        f"{'All children or none. ' if len(children) > 1 else ''}"
        f"The program costs {price}, paid to the organiser. If the place is booked, "
        f"a success fee of {fee} is charged to your saved card; if not, you pay us nothing.\n"
        f"Nothing is booked if program and fee together would exceed {cap}. "
        f"You can change or cancel until 2 seconds before the opening."
    )


def summary_digest(registration_facts: tuple[UUID | str | int | datetime, ...], text: str) -> str:
    """SHA-256, as 64 hex digits, over the words shown and the facts they stand for.

    A changed draft has another digest, so a confirm of the old words is refused.
    """
    facts = "\x1f".join(
        fact.isoformat() if isinstance(fact, datetime) else str(fact) for fact in registration_facts
    )
    return hashlib.sha256(f"{facts}\x1e{text}".encode()).hexdigest()


def _listed(names: tuple[str, ...]) -> str:
    if len(names) == 1:
        return names[0]
    return f"{', '.join(names[:-1])} and {names[-1]}"
