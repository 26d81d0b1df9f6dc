"""What the provider does after its answer: commit late, or cancel of its own accord."""

from collections.abc import Mapping
from typing import Any

from sandbox.bookeo.accounts import Account, account_of
from sandbox.bookeo.booking_views import booking_view
from sandbox.bookeo.conditions import Conditions
from sandbox.bookeo.desk import book
from sandbox.bookeo.faults import BOOKEO
from sandbox.bookeo.rows import booking_row, cancel_booking
from sandbox.bookeo.webhooks import announce
from sandbox.bookeo.wire import BookingBody
from sandbox.simulator import ledger
from sandbox.simulator.answer import Refused
from sandbox.simulator.background import schedule
from sandbox.simulator.fault_kinds import ClockSkew
from sandbox.simulator.faults import FaultBook
from sandbox.simulator.store import Transaction
from sandbox.simulator.vendor import Call

COMMIT, CANCEL = "commit_booking", "cancel_booking"


def commit_later(
    call: Call, tx: Transaction, account: Account, *, backend: bool, after_ms: float
) -> None:
    """Have the call's booking made later, under the conditions of then."""
    payload = {
        "account_id": account.account_id,
        "body": call.body.decode(),
        "backend": backend,
        "request_id": call.id,
    }
    schedule(tx, COMMIT, payload, due_ms=tx.now_ms + after_ms)


def commit(tx: Transaction, payload: Mapping[str, Any]) -> None:
    """The job of `commit_later`. A refusal then is told to nobody."""
    book_of_faults = FaultBook(BOOKEO)
    skews = [skew.ms for _, skew in book_of_faults.standing(tx, ClockSkew) if not skew.date_only]
    now = Conditions(book_of_faults, tx.now_ms + sum(skews), backend=payload["backend"])
    try:
        account = account_of(tx, payload["account_id"])
        book(tx, account, BookingBody.model_validate_json(payload["body"]), now)
    except Refused:
        return
    ledger.committed(tx, payload["request_id"])


def cancel_later(tx: Transaction, account: Account, number: str, *, after_ms: float) -> None:
    """Have the business cancel the booking later."""
    payload = {"account_id": account.account_id, "number": number}
    schedule(tx, CANCEL, payload, due_ms=tx.now_ms + after_ms)


def cancel(tx: Transaction, payload: Mapping[str, Any]) -> None:
    """The job of `cancel_later`. Nothing happens where the client was faster."""
    try:
        cancel_by_business(tx, payload["account_id"], payload["number"])
    except Refused:
        return


def cancel_by_business(tx: Transaction, account_id: str, number: str) -> None:
    """The business cancels, without any policy.

    Raises:
        Refused: 404, unknown or cancelled before.
    """
    account = account_of(tx, account_id)
    cancel_booking(
        tx,
        account_id,
        number,
        clock_ms=tx.now_ms,
        reason="Canceled by the organiser.",
        policy_applied=False,
    )
    view = booking_view(tx, account, booking_row(tx, account_id, number))
    announce(tx, account, "bookings", "deleted", number, view)
