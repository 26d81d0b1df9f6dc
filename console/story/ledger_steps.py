"""The ledger as steps: each request with its answer, charges, the refund, letters."""

from collections.abc import Iterator
from datetime import datetime

from console.review_words import ANSWERS
from console.story.steps import MILLISECOND, Clock, Step
from domain.ledger import Ledger
from domain.payments import ChargeStatus
from domain.refunds import RefundStatus

PAYMENTS = "payment service"
PROVIDER = "organiser"


def ledger_steps(ledger: Ledger) -> list[Step]:
    """What the trail does not tell."""
    return [*_requests(ledger), *_charges(ledger), *_refund(ledger), *_letters(ledger)]


def _requests(ledger: Ledger) -> Iterator[Step]:
    for attempt in ledger.attempts:
        for number, one in enumerate(attempt.requests, start=1):
            late = (one.sent_at - attempt.send_at) / MILLISECOND
            answer = ANSWERS.get(one.answer, f"an error of ours ({one.answer})")
            yield Step(
                at=one.sent_at,
                clock=Clock.WORKER,
                who=PROVIDER,
                what=f"Request {number} of attempt {attempt.fence} left {late:.0f} ms after its "
                f"send time; {answer}.",
                trouble=one.answer != "Booked",
            )


def _charges(ledger: Ledger) -> Iterator[Step]:
    for charge in ledger.charges:
        if charge.settled_at is None:
            continue
        why = f" ({charge.decline_code})" if charge.decline_code else ""
        yield _told(
            charge.settled_at,
            PAYMENTS,
            f"Charge {charge.number} of {charge.amount}: {_spaced(charge.status.value)}{why}.",
            trouble=charge.status is not ChargeStatus.SUCCEEDED,
        )


def _refund(ledger: Ledger) -> Iterator[Step]:
    refund = ledger.refund
    if refund is None or refund.settled_at is None:
        return
    why = f" ({refund.failure_code})" if refund.failure_code else ""
    yield _told(
        refund.settled_at,
        PAYMENTS,
        f"Refund of {refund.amount} for {_spaced(refund.reason.value)}: "
        f"{refund.status.value}{why}.",
        trouble=refund.status is RefundStatus.FAILED,
    )


def _letters(ledger: Ledger) -> Iterator[Step]:
    for letter in ledger.letters:
        name = f"“{_spaced(letter.kind.value)}”"
        if letter.refusal is not None:
            at = letter.sent_at or letter.owed_at
            yield _told(
                at, "mail server", f"Letter {name}: {letter.refusal.in_words()}.", trouble=True
            )
        elif letter.sent_at is not None:
            yield _told(letter.sent_at, "mail server", f"Letter {name} went out.")
        else:
            yield _told(letter.owed_at, "its run", f"Letter {name} is owed, and not sent yet.")


def _told(at: datetime, who: str, what: str, *, trouble: bool = False) -> Step:
    return Step(at=at, clock=Clock.DATABASE, who=who, what=what, trouble=trouble)


def _spaced(code: str) -> str:
    return code.replace("_", " ")
