"""What an operator reads of a look: what happened, what was done, what is left to do."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from domain.alerts import MOST_KEY, MOST_SENTENCE, AlertKind, NewAlert, alert_key
from domain.cancellation import CancellationWish, CancelledBy
from domain.erasures import Erasure, WaitsFor
from domain.identifiers import cancellation_workflow_id, external_ref
from domain.looking_again import Finding, Judgement
from domain.outbox import Refusal
from domain.refusals import Reason
from domain.registrations import Notification, Registration
from domain.sweeps import Look, Surplus

WITHOUT_COST = "without its cancellation policy and without notice"


def alert_about(
    row: Registration, judgement: Judgement, live: Sequence[str], surplus: Surplus
) -> NewAlert | None:
    """The alert for that judgement; None where there is nothing to tell.

    Args:
        row: the registration.
        judgement: what was found.
        live: every live booking that was listed.
        surplus: what became of those to cancel, so far.
    """
    told = _TOLD.get(judgement.finding)
    if told is None:
        return None
    kind, in_words = told
    return new_alert(kind, row.id, in_words(row, live, surplus))


def new_alert(
    kind: AlertKind, registration_id: UUID, sentence: str, matter: str | None = None
) -> NewAlert:
    """An alert of one registration, cut to what fits.

    Args:
        kind: what happened.
        registration_id: to which.
        sentence: what happened and what to do.
        matter: names what is settled on its own; None for the kind itself.
    """
    return NewAlert(
        key=alert_key(matter or kind, registration_id),
        kind=kind,
        registration_id=registration_id,
        sentence=sentence[:MOST_SENTENCE],
    )


def look_unanswered(look: Look, since: datetime, why: str) -> NewAlert:
    """The alert about bookings that could not be looked at for long: one for each account."""
    sentence = (
        f"Since {since:%Y-%m-%d at %H:%M} UTC nobody could find out what stands at the organiser "
        f"of registration {look.registration_id}, nor perhaps of others there ({why}). A booking "
        "that is one too many, or was taken back, would not be seen. It is tried again every few "
        "minutes. See whether the account's key is still valid, and look at its bookings there."
    )
    return NewAlert(
        key=f"{AlertKind.LOOK_UNANSWERED}/{look.provider}/{look.org_ref}"[:MOST_KEY],
        kind=AlertKind.LOOK_UNANSWERED,
        registration_id=look.registration_id,
        sentence=sentence[:MOST_SENTENCE],
    )


def letter_undelivered(told: Notification, code: str, because: Refusal) -> NewAlert:
    """The alert about a letter that is sent no more."""
    sentence = (
        f"{code}: a letter ({told.kind.value}) did not reach the parent, and is sent no more: "
        f"{because.in_words()}. Tell them by other means, and ask for another address."
    )
    return new_alert(AlertKind.LETTER_UNDELIVERED, told.registration_id, sentence)


def erasure_waits_key(user_id: UUID) -> str:
    """The key of the alert that is open while an account that is due cannot be deleted."""
    return f"{AlertKind.ERASURE_WAITS}/{user_id}"


def erasure_waits(erasure: Erasure, waits_for: Sequence[WaitsFor]) -> NewAlert:
    """The alert about an account that is due, and that something of is not over."""
    named = "; ".join(f"{one.code} ({one.because.value})" for one in waits_for)
    sentence = (
        f"An account that asked on {erasure.asked_at:%Y-%m-%d} to be deleted is due, and waits: "
        f"{named}. It is tried again each night. The law allows a month: see to it that these end."
    )
    return NewAlert(
        key=erasure_waits_key(erasure.user_id),
        kind=AlertKind.ERASURE_WAITS,
        sentence=sentence[:MOST_SENTENCE],
    )


def wish_open(wish: CancellationWish) -> NewAlert:
    """The alert about a cancellation that has not come through for long."""
    sentence = (
        f"The {wish.by.value} asked on {wish.asked_at:%Y-%m-%d at %H:%M} UTC to give a booking "
        "back, and it has not come through. It is tried again every few minutes. See why in "
        f"workflow {cancellation_workflow_id(wish.registration_id)}; most often the organiser's "
        "system does not answer."
    )
    return new_alert(AlertKind.CANCELLATION_OPEN, wish.registration_id, sentence)


def wish_refused(wish: CancellationWish, reason: Reason) -> NewAlert:
    """The alert about a cancellation that was refused when nobody waited for it any more."""
    told = "The parent is written to." if wish.by is CancelledBy.PARENT else "Nobody is written to."
    sentence = (
        f"The {wish.by.value} asked on {wish.asked_at:%Y-%m-%d at %H:%M} UTC to give a booking "
        f"back. It got no answer at first, and was refused now: {reason.code}. The booking stands "
        f"as far as we know, and the fee stays. {told} Speak to the organiser."
    )
    return new_alert(
        AlertKind.CANCELLATION_OPEN, wish.registration_id, sentence, matter="cancellation_refused"
    )


def refund_failed(registration_id: UUID) -> NewAlert:
    """The alert about a fee that is owed back and was not given back."""
    sentence = (
        "The booking was cancelled and its fee is owed back, but Stripe did not give it back. "
        "Look at the payment there, refund it by hand, and tell the parent."
    )
    return new_alert(AlertKind.REFUND_FAILED, registration_id, sentence)


def mandate_unsigned(row: Registration, why: str) -> NewAlert:
    """The alert about a permission that bears no signature of ours; `why` says so of its token."""
    sentence = (
        f"{row.code}: its permission bears no signature of ours: {why}. Nothing is booked and "
        "nothing charged under it. Are MANDATE_SIGNING_KEYS whole? Was it confirmed before "
        "permissions were signed? Otherwise somebody wrote into the database: see An unsigned "
        "permission in docs/operations.md."
    )
    return new_alert(AlertKind.MANDATE_UNSIGNED, row.id, sentence)


def _surplus(row: Registration, live: Sequence[str], surplus: Surplus) -> str:
    return (
        f"{row.code}: the organiser listed {len(live)} live bookings under "
        f"{external_ref(row.id)}. {surplus.kept or 'None'} is kept. {_what_became_of(surplus)}"
    )


def _ghost(row: Registration, live: Sequence[str], surplus: Surplus) -> str:
    return (
        f"{row.code} is {row.status.value}, but the organiser listed "
        f"{_listed(live)} under {external_ref(row.id)}. {_what_became_of(surplus)}"
    )


def _what_became_of(surplus: Surplus) -> str:
    said: list[str] = []
    if surplus.cancelled:
        said.append(
            f"Cancelled there {WITHOUT_COST}: {_listed(surplus.cancelled)}. Nothing is left to do."
            if not surplus.standing
            else f"Cancelled there: {_listed(surplus.cancelled)}."
        )
    if surplus.standing:
        said.append(
            f"Still standing: {_listed(surplus.standing)}. Cancelling is tried again every few "
            f"minutes; if this alert stays as it is, cancel at the organiser, {WITHOUT_COST}."
        )
    return " ".join(said)


def _gone(row: Registration, live: Sequence[str], surplus: Surplus) -> str:
    del live, surplus
    return (
        f"{row.code}: booking {row.booking_number} does not stand at the organiser, and no "
        "cancellation of ours was at work. Where the organiser shows it as cancelled, it is "
        "cancelled here too, the parent told and the fee given back where it is owed (workflow "
        f"{cancellation_workflow_id(row.id)}); one that the organiser does not know at all stays "
        "as it is. Ask the organiser why, unless it was asked for here earlier."
    )


def _displaced(row: Registration, live: Sequence[str], surplus: Surplus) -> str:
    del surplus
    return (
        f"{row.code}: booking {row.booking_number}, the one on the receipt, no longer stands, "
        f"but {_listed(live)} does, under the same reference {external_ref(row.id)}. Nothing was "
        "touched, so the child has a place. Ask the organiser which is meant, and cancel the rest "
        f"there, {WITHOUT_COST}."
    )


def _for_review(row: Registration, live: Sequence[str], surplus: Surplus) -> str:
    del surplus
    seen = f"lists {_listed(live)} as live" if live else "lists no live booking"
    return (
        f"{row.code} waits for a person: nobody could tell whether it was booked. Looked at "
        f"again, the organiser {seen} under {external_ref(row.id)}. Nothing was touched. "
        f"Look there, cancelled bookings included, then decide: python starter.py review show "
        f"{row.code} says how."
    )


def _listed(numbers: Sequence[str]) -> str:
    return ("booking " if len(numbers) == 1 else "bookings ") + ", ".join(numbers)


_TOLD: dict[Finding, tuple[AlertKind, Callable[[Registration, Sequence[str], Surplus], str]]] = {
    Finding.SURPLUS: (AlertKind.SEVERAL_BOOKINGS, _surplus),
    Finding.GHOST: (AlertKind.GHOST_BOOKING, _ghost),
    Finding.GONE: (AlertKind.BOOKING_GONE, _gone),
    Finding.DISPLACED: (AlertKind.BOOKING_GONE, _displaced),
    Finding.FOR_REVIEW: (AlertKind.REVIEW_WAITING, _for_review),
}
