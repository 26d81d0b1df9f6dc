"""What a parent reads before confirming, and the digest that ties the confirm to it."""

import hashlib
from datetime import datetime
from uuid import UUID

from domain.money import Money
from domain.opening import in_words
from domain.programs import OpeningSource, Program
from domain.registrations import Dossier


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


def digest_of(dossier: Dossier) -> str:
    """The digest that the draft would have if it were written now.

    Another one than the row's means that the parent agreed to words that are no longer true.
    """
    row, program = dossier.registration, dossier.program
    words = draft_summary(
        program,
        dossier.account.name,
        tuple(child.first_name for child in dossier.children),
        row.scheduled_time,
        row.time_zone,
        row.opening_source,
        row.cap,
        row.fee,
    )
    children = tuple(child.id for child in dossier.children)
    return summary_digest(
        draft_facts(
            row.user_id, program, children, row.scheduled_time, row.time_zone, row.cap, row.fee
        ),
        words,
    )


def draft_facts(
    user_id: UUID,
    program: Program,
    child_ids: tuple[UUID, ...],
    scheduled_time: datetime,
    time_zone: str,
    cap: Money,
    fee: Money,
) -> tuple[UUID | str | int | datetime, ...]:
    """What the words of a draft stand for."""
    return (
        user_id,
        program.id,
        *sorted(str(child_id) for child_id in child_ids),
        scheduled_time,
        time_zone,
        cap.amount_cents,
        fee.amount_cents,
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
