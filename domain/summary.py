"""What a parent reads before confirming, and the digest that ties the confirm to it."""

import hashlib
from datetime import datetime
from uuid import UUID

from domain.money import Money
from domain.opening import in_words
from domain.programs import OpeningSource, Program
from domain.registrations import Agreement, Dossier


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


def draft_digest(
    user_id: UUID,
    program: Program,
    organisation: str,
    child_ids: tuple[UUID, ...],
    scheduled_time: datetime,
    time_zone: str,
    source: OpeningSource,
    cap: Money,
    fee: Money,
    names: tuple[str, ...] = (),
) -> str:
    """The digest of those words and of what they stand for.

    It covers all of them, but each child stands there by its id. With a name in it, whoever comes
    by the digest, in a row, a trail or a history, could try names until one fits. Releases before
    had `names` in the place of the ids.
    """
    who = names or tuple(map(str, child_ids))
    words = draft_summary(program, organisation, who, scheduled_time, time_zone, source, cap, fee)
    facts = draft_facts(user_id, program, child_ids, scheduled_time, time_zone, cap, fee)
    return summary_digest(facts, words)


def digest_of(agreement: Agreement, names: tuple[str, ...] = ()) -> str:
    """The digest that the draft would have if it were written now; `names` as above.

    Another one than the row's means that the parent agreed to words that are no longer true.
    """
    row = agreement.registration
    return draft_digest(
        row.user_id,
        agreement.program,
        agreement.account.name,
        agreement.child_ids,
        row.scheduled_time,
        row.time_zone,
        row.opening_source,
        row.cap,
        row.fee,
        names,
    )


def still_true(dossier: Dossier) -> bool:
    """Whether the parent would read the same words now.

    A draft of a release that put names into its digest counts too; it lives for a week.
    """
    names = tuple(child.first_name for child in dossier.children)
    return dossier.registration.summary_digest in (digest_of(dossier), digest_of(dossier, names))


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
