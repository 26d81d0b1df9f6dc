"""How a case is shown: for programs, and for a person who has never seen the code."""

from typing import Any

from console.output import NOTHING, both, print_sheet, print_table, say
from console.review_advice import Advice, advice
from console.review_causes import CAUSES
from console.review_look import ReviewLook
from console.review_words import ANSWERS, OUTCOMES, of_case
from domain.review import AttemptRecord, Resolution, ShownBooking

HEADING = "bold"


def case_facts(look: ReviewLook) -> dict[str, Any]:
    """The case for programs. Nothing personal."""
    row, case, program = look.row, look.case, look.agreement.program
    explained = CAUSES[case.cause]
    told = advice(look) if look.waits else None
    return {
        "registration_id": row.id,
        "code": row.code,
        "status": row.status,
        "since": case.since,
        "cause": case.cause,
        "happened": explained.happened,
        "expect": explained.expect,
        "evidence": case.evidence,
        "words": of_case(case.evidence, case.attempts),
        "refused_as": case.refused_as,
        "asked": {
            "organisation": look.agreement.account.name,
            "program": program.name,
            "program_ref": row.program_ref,
            "event_id": row.event_id,
            "starts_at": program.starts_at,
            "scheduled_time": row.scheduled_time,
            "children": len(look.agreement.child_ids),
            "max_total_cents": row.max_total_cents,
            "success_fee_cents": row.success_fee_cents,
            "currency": row.currency,
        },
        "attempts": case.attempts,
        "charges": case.charges,
        "reference": look.reference,
        "provider_shows": look.bookings,
        "provider_silent": look.silence,
        "finding": told.finding if told else None,
        "check": told.check if told else (),
        "choices": [{"when": one.when, "command": one.command} for one in told.choices]
        if told
        else [],
        "resolution": case.resolution,
    }


def print_case(look: ReviewLook) -> None:
    """The whole case in words, from what was asked to what to type."""
    row = look.row
    say(f"{row.code}  {row.id}", style=HEADING)
    if look.waits:
        say(f"It waits for your decision since {both(look.case.since, row.time_zone)}.")
    else:
        say(f"It is {row.status.value}: nobody need decide anything.")
    if look.case.resolution is not None:
        say(_decided(look.case.resolution, row.time_zone))
    _print_asked(look)
    _print_cause(look)
    _print_sent(look)
    _print_shown(look)
    if look.waits:
        _print_advice(advice(look))


def _print_asked(look: ReviewLook) -> None:
    row, program = look.row, look.agreement.program
    parent, family = look.names
    children = len(look.agreement.child_ids)
    say("\nWhat was asked", style=HEADING)
    print_sheet(
        {
            "Program": f"{program.name} at {look.agreement.account.name}",
            "Its references": f"product {row.program_ref}, event {row.event_id}",
            "It begins": both(program.starts_at, program.time_zone),
            "Registration opened": both(row.scheduled_time, row.time_zone),
            "Children": str(children),
            "Expected price": str(program.price_for(children)),
            "Parent's limit": f"{row.cap}, our fee of {row.fee} included",
            "Our reference": f"{look.reference} (Bookeo keeps it as the external reference)",
            "Parent": parent,
            "Names": family,
        }
    )


def _print_cause(look: ReviewLook) -> None:
    case = look.case
    explained = CAUSES[case.cause]
    say("\nWhy nobody could tell", style=HEADING)
    say(f"{explained.happened} (cause: {case.cause.value})")
    say(explained.expect)
    say(f"Evidence: {case.evidence or 'none was kept'}")
    for word, meaning in of_case(case.evidence, case.attempts).items():
        say(f"  “{word}”: {meaning}")


def _print_sent(look: ReviewLook) -> None:
    say("\nWhat was sent", style=HEADING)
    if not look.case.attempts:
        say("Nothing: not one attempt was begun.")
    for attempt in look.case.attempts:
        _print_attempt(attempt, look.row.time_zone)
    for charge in look.case.charges:
        say(f"Charges: charge {charge.number} of the fee is {charge.status.value} with us.")


def _print_attempt(attempt: AttemptRecord, time_zone: str) -> None:
    ended = OUTCOMES.get(attempt.outcome, attempt.outcome or "")
    say(f"Attempt {attempt.fence}, to be sent at {both(attempt.send_at, time_zone)}: {ended}.")
    if attempt.evidence:
        say(f"  evidence: {attempt.evidence}")
    if attempt.booking_number:
        say(f"  booking: {attempt.booking_number}")
    for sent in attempt.requests:
        words = ANSWERS.get(sent.answer, "an error of ours")
        say(f"  sent at {sent.sent_at.isoformat(timespec='milliseconds')}: {words}")


def _print_shown(look: ReviewLook) -> None:
    say(f"\nWhat the organiser's system shows now under {look.reference}", style=HEADING)
    if look.bookings is None:
        say(look.silence or "Nothing is known.")
    elif not look.bookings:
        say("No booking, live or cancelled.")
    else:
        print_table(
            ["Booking", "State", "Made", "Price"],
            [
                [
                    seen.booking_number,
                    state(seen),
                    both(seen.created_at, look.row.time_zone) if seen.created_at else NOTHING,
                    str(seen.price) if seen.price else NOTHING,
                ]
                for seen in look.bookings
            ],
        )


def state(seen: ShownBooking) -> str:
    """Whether it is a place."""
    if seen.cancelled:
        return "cancelled"
    return "live" if seen.accepted else "a request, not accepted yet"


def _print_advice(told: Advice) -> None:
    say("\nWhat to check at the organiser", style=HEADING)
    for place, step in enumerate(told.check, start=1):
        say(f"{place}. {step}")
    say("\nWhat fits", style=HEADING)
    say(told.finding)
    for choice in told.choices:
        say(f"{choice.when}\n  {choice.command}")
    say(
        "YOU is your short handle, kept in the audit trail. The command asks the organiser's "
        "system once more and refuses, with reasons, what does not hold."
    )


def _decided(resolution: Resolution, time_zone: str) -> str:
    what = "booked" if resolution.decision.value == "booked" else "not booked"
    number = f", number {resolution.booking_number}" if resolution.booking_number else ""
    return f"{resolution.by} decided it as {what}{number} on {both(resolution.at, time_zone)}."
