"""What the Web UI says of a run from its first moment, in an operator's words.

Both go into the run's history. They name registrations by code and id, and nobody.
"""

from domain.cancellation import CancellationOrder
from domain.frozen import Frozen
from domain.opening import in_words
from domain.registrations import Registration


class RunWords(Frozen):
    """The two fixed texts of a run."""

    summary: str
    """One line."""
    details: str
    """Markdown: what it does, and what may be done about it."""


def registration(row: Registration) -> RunWords:
    """Of a registration's own run."""
    opens = in_words(row.scheduled_time, row.time_zone)
    return RunWords(
        summary=f"{row.code} opens {opens}",
        details=(
            f"Registration **{row.code}** at `{row.provider}` organisation `{row.org_ref}`, "
            f"program `{row.program_ref}`, event `{row.event_id}`.\n\n"
            f"Books the second it opens: **{opens}**. Then it charges the fee, writes the receipt "
            "and tells the parent. Until 2 seconds before the opening, cancelling this run cancels "
            "the registration. Terminating it cancels nothing: another is begun."
        ),
    )


def review(row: Registration) -> RunWords:
    """Of a decision that is taken after the registration's own run has ended."""
    return RunWords(
        summary=f"{row.code}: a person's decision",
        details=(
            f"Nobody could tell whether **{row.code}** was booked, and its own run has ended. This "
            "one takes a person's decision (`python starter.py review resolve`), checks it at the "
            "organiser, charges the fee of what is booked, and waits until that is paid. Where no "
            "decision holds it ends after 10 minutes and changes nothing."
        ),
    )


def cancellation(order: CancellationOrder) -> RunWords:
    """Of a run that gives a booked place back."""
    return RunWords(
        summary=f"Cancellation asked for by the {order.by.value}",
        details=(
            f"Gives back what registration `{order.registration_id}` has booked: first the place "
            "at the organiser, then the fee where that is owed. What an outage holds up is "
            "repeated for 30 days. It may be asked for again: nothing is done twice."
        ),
    )


def provider_notice(provider: str) -> RunWords:
    """Of a provider's message, which is looked into at once."""
    return RunWords(
        summary=f"{provider} says that a booking changed",
        details=(
            "The message is not believed: the organiser's system is asked what stands of that "
            "registration. A place that is lost begins a cancellation, a surplus one is cancelled."
        ),
    )


def backup(schedule: str, *, by_hand: bool) -> RunWords:
    """Of one backup."""
    return RunWords(
        summary=f"Backup {schedule}" + (", asked for by an operator" if by_hand else ""),
        details=(
            "Writes every table as of one instant, reads the backup back, and removes what no rule "
            "keeps any longer. What became of it: `python starter.py backup runs`."
        ),
    )


def payment_recovery(invoice_id: str) -> RunWords:
    """Of an invoice for a subscription whose payment failed."""
    return RunWords(
        summary=f"Invoice {invoice_id} is unpaid",
        details=(
            "Writes to the parent at once and on the days agreed, and ends as soon as Stripe says "
            "that nothing is owed. When the grace is over the subscription ends."
        ),
    )


def stripe_event(kind: str) -> RunWords:
    """Of an event of Stripe's."""
    return RunWords(
        summary=f"Stripe says {kind}",
        details="The event is not believed: Stripe is asked how the account that it names stands.",
    )


def account_changed() -> RunWords:
    """Of the look at an account after a change of ours."""
    return RunWords(summary="Somebody here changed something at Stripe", details=_LOOK)


def account_without_news() -> RunWords:
    """Of the nightly look at an account that Stripe has told nothing of for long."""
    return RunWords(summary="Stripe has told nothing of this account for long", details=_LOOK)


_LOOK = "Asks Stripe how the account's subscription stands, and writes it down."


def erasure() -> RunWords:
    """Of one account that is erased."""
    return RunWords(
        summary="An account is erased",
        details=(
            "Its parent asked for it thirty days ago. What breaks off goes on the next night; what "
            "organisers, mail server or backups do not take is left out after three."
        ),
    )


def erasure_notice() -> RunWords:
    """Of a wish to be deleted, or to be kept after all."""
    return RunWords(
        summary="An account is to be deleted, or kept",
        details="Writes to the parent what was asked for, and notes it beside the backups.",
    )
