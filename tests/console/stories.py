"""Registrations in each state they can end in, by rows alone; and what is told of each."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from domain.cancellation import CancelledBy
from domain.contracts import CancelOrder, ChargeResult, Try
from domain.payments import ChargeOutcome, ChargeStatus
from domain.refunds import FeeKept, RefundOutcome, RefundReason, RefundStatus
from domain.registrations import Registration
from domain.states import FailureCode, FeeStatus, RegistrationStatus
from tests.console.command_line import Office
from tests.gateways.households import completion, declined, failure, key, paid
from tests.gateways.reviewed import booked, in_review, not_booked
from tests.gateways.test_records_contract_cancellations import cancelled, no_more

Seed = Callable[[Office], Awaitable[Registration]]

ASKS = ChargeResult(
    fee_status=FeeStatus.REQUIRES_ACTION,
    outcome=ChargeOutcome(
        number=1, status=ChargeStatus.REQUIRES_ACTION, payment_intent_id="pi_asks"
    ),
)
A_MOMENT = timedelta(seconds=2)
"""So that it is claimed before its opening, and sent at it."""
GIVEN_BACK = RefundOutcome(status=RefundStatus.SUCCEEDED, refund_id="re_1")


class Story(NamedTuple):
    """How it ended, and the words that must be told."""

    title: str
    seed: Seed
    parent: str
    operator: str
    next: str | None = None


async def draft(office: Office) -> Registration:
    return await office.family.draft()


async def lapsed(office: Office) -> Registration:
    return await office.family.draft(lapses_at=datetime.now(UTC) - timedelta(minutes=1))


async def pending(office: Office) -> Registration:
    return await office.family.pending()


async def overdue(office: Office) -> Registration:
    return await office.family.pending(scheduled_time=datetime.now(UTC) - timedelta(minutes=5))


async def executing(office: Office) -> Registration:
    return await office.family.executing()


def completed_with(fee: ChargeResult) -> Seed:
    async def seed(office: Office) -> Registration:
        family = office.family
        row = await family.executing(scheduled_time=datetime.now(UTC) + A_MOMENT)
        await office.records.open_attempt(row.id, row.scheduled_time, key("attempt"))
        await family.charge(row)
        order = completion(row, fee)
        assert order.booking is not None
        sent = row.scheduled_time + timedelta(milliseconds=3)
        facts = order.booking.model_copy(update={"first_request_at": sent, "queue_delay_ms": 0})
        tries = (Try(sent_at=sent, answer="Booked"),)
        await office.records.record_outcome(
            order.model_copy(update={"booking": facts, "tries": tries})
        )
        return row

    return seed


def failed_as(code: FailureCode, message: str) -> Seed:
    async def seed(office: Office) -> Registration:
        row = await office.family.executing(scheduled_time=datetime.now(UTC))
        order = failure(row)
        await office.records.record_outcome(
            order.model_copy(update={"failure_code": code, "message": message})
        )
        return row

    return seed


async def cancelled_before(office: Office) -> Registration:
    row = await office.family.pending()
    await office.records.cancel(
        CancelOrder(
            registration_id=row.id, expected_version=row.version, operation_key=key("cancel")
        )
    )
    return row


async def given_back(office: Office) -> Registration:
    row = await completed_with(paid())(office)
    await office.records.booking_cancelled(no_more(row))
    await office.records.open_refund(row.id, key("refund"))
    await office.records.settle_refund(row.id, GIVEN_BACK, key("refund"))
    await office.records.finish_cancellation(cancelled(row))
    return row


async def taken_back(office: Office) -> Registration:
    row = await completed_with(declined())(office)
    gone = no_more(row, RefundReason.PROVIDER_CANCELLED)
    by = {"by": CancelledBy.PROVIDER}
    await office.records.booking_cancelled(gone.model_copy(update=by))
    await office.records.finish_cancellation(cancelled(row, **by, kept=FeeKept.NOTHING_PAID))
    return row


async def waiting(office: Office) -> Registration:
    return await in_review(office.family)


async def decided_booked(office: Office) -> Registration:
    row = await in_review(office.family)
    await office.records.resolve_review(booked(row))
    return row


async def decided_not_booked(office: Office) -> Registration:
    row = await in_review(office.family)
    await office.records.resolve_review(not_booked(row))
    return row


NOTHING_PAID = "You paid us nothing."

FAILURES = [
    Story(code.value, failed_as(code, message), f"{message} {NOTHING_PAID}", operator, after)
    for code, message, operator, after in (
        (
            FailureCode.MISSED_WINDOW,
            "We could not act in time.",
            "Nothing could be sent until an hour after the opening.",
            "python starter.py doctor",
        ),
        (FailureCode.SOLD_OUT, "Every place was taken.", "had no place left", None),
        (FailureCode.NOT_OPENED, "It did not open.", "still said “not open yet”", "it opens"),
        (FailureCode.REJECTED, "It was refused.", "refused the booking for certain", "why"),
        (FailureCode.OVER_CAP, "It costs more.", "more than the parent's limit", None),
        (
            FailureCode.MANDATE_INVALID,
            "Your permission was withdrawn.",
            "permission did not cover it",
            "python starter.py mandate verify {code}",
        ),
        (
            FailureCode.PROVIDER_BLOCKED,
            "It cannot be booked.",
            "does not let us book",
            "python starter.py doctor --program worker",
        ),
        (FailureCode.UNAUTHORISED, "We were refused.", "refused our keys", "doctor"),
        (FailureCode.LAPSED, "It lapsed.", "It was not confirmed in time.", None),
    )
]

STORIES = [
    Story("draft", draft, "Nothing is booked until you confirm it.", "has no run", "status {code}"),
    Story("lapsed draft", lapsed, "It was not confirmed in time", "It has lapsed"),
    Story(
        "pending",
        pending,
        "We book the second it opens.",
        "It sleeps until its opening.",
        "python starter.py tomorrow",
    ),
    Story("overdue", overdue, "You confirmed it on", "nobody has claimed it", "worker.py"),
    Story("executing", executing, "at work on it right now", "being booked", "explain {code}"),
    Story(
        "completed",
        completed_with(paid()),
        "All places are booked at Community Pool.",
        "the first byte left 3 ms after the opening, 3 ms after its own send time. The fee is "
        "paid.",
    ),
    Story(
        "fee declined",
        completed_with(declined()),
        "The success fee of $20.00 could not be charged yet. The place stays yours;",
        "The fee is due (insufficient_funds); the booking stands.",
        "Fee due, in docs/operations.md",
    ),
    Story(
        "fee to approve",
        completed_with(ASKS),
        "Your bank asks you to approve the success fee of $20.00.",
        "The fee is requires action; the booking stands.",
    ),
    *FAILURES,
    Story(
        "cancelled before",
        cancelled_before,
        "it was cancelled, before anything was booked",
        "cancelled before anything was booked or charged",
    ),
    Story(
        "given back",
        given_back,
        "it was given back. The success fee of $20.00 was given back to your card.",
        "the booking is no more; its refund is succeeded",
    ),
    Story(
        "taken back",
        taken_back,
        "the organiser cancelled it. No success fee had been charged.",
        "no fee was given back",
    ),
    Story(
        "in review",
        waiting,
        "The organiser's system did not answer clearly. A person of our team finds out.",
        "before causes were written down",
        "python starter.py review show {code}",
    ),
    Story(
        "decided as booked",
        decided_booked,
        "A person of our team found out, on",
        "The fee is due; the booking stands.",
    ),
    Story(
        "decided as not booked",
        decided_not_booked,
        f"that it is not booked. {NOTHING_PAID}",
        "kim decided that it is not booked, after this: ",
    ),
]

EVERY_STATUS = set(RegistrationStatus)
EVERY_FAILURE = set(FailureCode)
