"""The story as its parent would be told it: plain sentences, in their time zone, without any id."""

from collections.abc import Iterator
from datetime import datetime

from console.doctor.findings import counted
from console.story.sources import Sources
from console.story.steps import MILLISECOND
from domain.opening import in_words
from domain.refunds import FeeKept
from domain.review import ReviewDecision
from domain.states import AuditKind, FeeStatus, RegistrationStatus


def for_parent(found: Sources) -> list[str]:
    """One sentence or two a step, from the wish to where it stands now."""
    return [*_wish(found), *_changes(found), *_where_it_stands(found), *_fee(found)]


def _wish(found: Sources) -> Iterator[str]:
    agreement, row = found.agreement, found.row
    # Not their names: who reads this to a parent knows them, and nobody else need.
    children = counted(len(agreement.child_ids), "child", "children")
    yield (
        f"On {_when(found, row.created_at)} you asked us to register {children} for "
        f"{agreement.program.name} at {agreement.account.name}, for {row.cap} at most, our success "
        f"fee of {row.fee} included."
    )
    if row.confirmed_at is not None:
        yield f"You confirmed it on {_when(found, row.confirmed_at)}."


def _changes(found: Sources) -> Iterator[str]:
    moved = [event for event in found.trail if event.kind is AuditKind.RESCHEDULED]
    for event in moved:
        yield f"On {_when(found, event.at)} it was moved to another opening."
    problems = [event for event in found.trail if event.kind is AuditKind.PROBLEM_FOUND]
    if problems:
        yield (
            f"On {_when(found, problems[-1].at)} we looked ahead, found something in the way, and "
            "wrote to you about it."
        )
    withdrawn = [event for event in found.trail if event.kind is AuditKind.MANDATE_REVOKED]
    if withdrawn:
        yield f"On {_when(found, withdrawn[0].at)} you withdrew your permission."


def _where_it_stands(found: Sources) -> Iterator[str]:
    row, opening = found.row, _when(found, found.row.scheduled_time)
    match row.status:
        case RegistrationStatus.DRAFT if found.read_at >= row.lapses_at:
            yield "It was not confirmed in time, so nothing was booked. You can ask for it again."
        case RegistrationStatus.DRAFT:
            yield f"Nothing is booked until you confirm it. Registration opens on {opening}."
        case RegistrationStatus.PENDING:
            yield f"Registration opens on {opening}. We book the second it opens."
        case RegistrationStatus.EXECUTING:
            yield f"Registration opens on {opening}, and we are at work on it right now."
        case RegistrationStatus.NEEDS_REVIEW:
            yield f"Registration opened on {opening}. {_message(found)}"
            yield "A person of our team finds out. Until then we send and charge nothing more."
        case RegistrationStatus.FAILED:
            yield f"Registration opened on {opening}. {_message(found)}"
            yield from _decided(found)
        case RegistrationStatus.COMPLETED:
            yield from _booked(found, opening)
        case RegistrationStatus.CANCELLED:
            yield from _cancelled(found, opening)


def _booked(found: Sources, opening: str) -> Iterator[str]:
    row, account = found.row, found.agreement.account
    yield f"Registration opened on {opening}."
    sent = ""
    if row.first_request_at is not None and row.lateness_ms is not None:
        after = row.first_request_at - row.scheduled_time
        seconds = f"{after.total_seconds():.3f} seconds later"
        later = seconds if after >= MILLISECOND else "in that very instant"
        sent = f"Our request left {later}. "
    every = "The place is" if len(found.agreement.child_ids) == 1 else "All places are"
    yield f"{sent}{every} booked at {account.name}."
    yield from _decided(found)
    receipt = found.ledger.receipt
    if receipt is not None and receipt.price_cents is not None:
        price = row.cap.model_copy(update={"amount_cents": receipt.price_cents})
        yield f"The program costs {price}, which you pay to the organiser."


def _decided(found: Sources) -> Iterator[str]:
    decided = found.case.resolution if found.case else None
    if decided is None:
        return
    what = "booked" if decided.decision is ReviewDecision.BOOKED else "not booked"
    yield (
        "At first nobody could tell what came of it. A person of our team found out, on "
        f"{_when(found, decided.at)}, that it is {what}."
    )


def _cancelled(found: Sources, opening: str) -> Iterator[str]:
    (event,) = [one for one in found.trail if one.kind is AuditKind.CANCELLED][-1:] or [None]
    on = f"On {_when(found, event.at)}" if event else "Meanwhile"
    if found.ledger.booking_gone_at is None:
        yield f"{on} it was cancelled, before anything was booked for the opening on {opening}."
        return
    yield from _booked(found, opening)
    by_them = event is not None and event.detail.get("by") == "provider"
    yield f"{on} the organiser cancelled it." if by_them else f"{on} it was given back."


def _fee(found: Sources) -> Iterator[str]:
    row = found.row
    match row.fee_status:
        case FeeStatus.PAID:
            yield f"The success fee of {row.fee} was charged to your saved card."
            yield from _kept(found)
        case FeeStatus.DUE:
            yield (
                f"The success fee of {row.fee} could not be charged yet. The place stays yours; "
                "save another card in the chat, and it is tried again."
            )
        case FeeStatus.REQUIRES_ACTION:
            yield (
                f"Your bank asks you to approve the success fee of {row.fee}. The place stays "
                "yours; ask in the chat for the link."
            )
        case FeeStatus.REFUNDED:
            yield f"The success fee of {row.fee} was given back to your card."
        case FeeStatus.NOT_DUE if row.status in _ENDED_WITHOUT:
            yield from _kept(found) if found.ledger.booking_gone_at else ["You paid us nothing."]
        case FeeStatus.NOT_DUE:
            pass


_ENDED_WITHOUT = (RegistrationStatus.FAILED, RegistrationStatus.CANCELLED)


def _kept(found: Sources) -> Iterator[str]:
    """Why a fee is not given back, where somebody cancelled."""
    kept = [
        event.detail["kept"]
        for event in found.trail
        if event.kind is AuditKind.CANCELLED and event.detail.get("kept")
    ]
    if kept:
        yield FeeKept(kept[-1]).in_words()


def _message(found: Sources) -> str:
    return found.row.error_message or "It was not booked."


def _when(found: Sources, instant: datetime) -> str:
    return in_words(instant, found.time_zone)
