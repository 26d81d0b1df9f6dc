"""Which histories there must be: of every workflow, of every way it ends or sleeps.

The words are made from the domain's own lists, so a state or code that is added asks for a history
by itself. What no run can end in is said in IMPOSSIBLE, with the reason.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

from temporalio.client import WorkflowHistory

from domain.payment_recovery import Ending
from domain.refunds import FeeKept
from domain.review import ReviewDecision
from domain.states import FailureCode, FeeStatus, RegistrationStatus
from workflows.registered import NAMES
from workflows.search_attributes import FAILURE_CODE, FEE_STATUS, STATUS

GOES_ON = "goes on"
"""The run is open: it sleeps, or waits for somebody."""
COMPLETED, FAILED = "completed", "failed"

IMPOSSIBLE = {
    "registration: failed lapsed": "a draft lapses, which no run is about",
    "registration: completed not_due": "what is booked is charged before it is written down",
    "registration: completed not_due, goes on": "likewise",
    "registration: completed paid, goes on": "nothing is waited for any more but a letter",
    "registration: completed refunded": "the run `cancellation` gives a fee back, after this one",
    "registration: completed refunded, goes on": "likewise",
    "cancellation: kept event_begun": "its commands are those of `kept nothing_paid`",
    "cancellation: kept refund_too_late": "likewise",
}


def _registrations() -> Iterator[str]:
    yield "refused at its confirm"
    for status in RegistrationStatus:
        match status:
            case RegistrationStatus.DRAFT:
                continue  # no run is about it yet
            case RegistrationStatus.PENDING | RegistrationStatus.EXECUTING:
                yield f"{status}, {GOES_ON}"
            case RegistrationStatus.COMPLETED:
                yield from (f"{status} {fee}{on}" for fee in FeeStatus for on in ("", ", goes on"))
            case RegistrationStatus.FAILED:
                yield from (f"{status} {code}" for code in FailureCode)
            case RegistrationStatus.CANCELLED:
                yield status
            case RegistrationStatus.NEEDS_REVIEW:
                yield from (status, f"{status}, {GOES_ON}")


WANTED: dict[str, tuple[str, ...]] = {
    "registration": tuple(_registrations()),
    "review": (*(f"decided {decision}" for decision in ReviewDecision), "undecided"),
    "cancellation": ("given back", *(f"kept {why}" for why in FeeKept), "refused", "unanswered"),
    "payment_recovery": (*Ending, GOES_ON),
    "backup": (COMPLETED, FAILED),
    "erasure": ("erased", "put off", "erased without"),
}
"""Of every other workflow: that it completed."""


def wanted() -> set[str]:
    """Every ending of every workflow that a worker serves, as `NAME: ENDING`."""
    every = {f"{name}: {ending}" for name in NAMES for ending in WANTED.get(name, (COMPLETED,))}
    return every - IMPOSSIBLE.keys()


def ending_of(history: WorkflowHistory) -> str:
    """How that run ended, as far as the history goes: `NAME: ENDING`."""
    name = history.events[0].workflow_execution_started_event_attributes.workflow_type.name
    closed = history.events[-1].WhichOneof("attributes") or ""
    if closed.startswith("workflow_execution_failed"):
        refused = name == "registration" and STATUS.name not in _indexed(history)
        return f"{name}: {'refused at its confirm' if refused else FAILED}"
    is_open = not closed.startswith("workflow_execution_completed")
    said = _WORDS.get(name, _plainly)(history, is_open)
    return f"{name}: {said}"


def _plainly(_history: WorkflowHistory, is_open: bool) -> str:
    return GOES_ON if is_open else COMPLETED


def _registration(history: WorkflowHistory, is_open: bool) -> str:
    facts = _indexed(history)
    status = facts[STATUS.name]
    if status == RegistrationStatus.COMPLETED:
        status += f" {facts[FEE_STATUS.name]}"
    if status == RegistrationStatus.FAILED:
        # Decided by a person, it has the code that their verdict gave it, and is indexed without.
        status += f" {facts.get(FAILURE_CODE.name, 'by a person')}"
    return f"{status}, {GOES_ON}" if is_open else status


def _review(history: WorkflowHistory, is_open: bool) -> str:
    if is_open:
        return GOES_ON
    result = _result(history)
    if result is None:
        return "undecided"
    booked = result["status"] == RegistrationStatus.COMPLETED
    return f"decided {ReviewDecision.BOOKED if booked else ReviewDecision.NOT_BOOKED}"


def _cancellation(history: WorkflowHistory, is_open: bool) -> str:
    if is_open:
        return GOES_ON
    result = _result(history)
    if result["reasons"]:
        codes = {reason["code"] for reason in result["reasons"]}
        return "unanswered" if codes == {"provider_unavailable"} else "refused"
    return f"kept {result['kept']}" if result["kept"] else "given back"


def _recovery(history: WorkflowHistory, is_open: bool) -> str:
    return GOES_ON if is_open else _result(history)


def _erasure(history: WorkflowHistory, is_open: bool) -> str:
    if is_open:
        return GOES_ON
    result = _result(history)
    if not result["erased"]:
        return "put off"
    return "erased without" if result["without"] else "erased"


_WORDS: dict[str, Callable[[WorkflowHistory, bool], str]] = {
    "registration": _registration,
    "review": _review,
    "cancellation": _cancellation,
    "payment_recovery": _recovery,
    "erasure": _erasure,
}


def _result(history: WorkflowHistory) -> Any:
    (payload,) = history.events[-1].workflow_execution_completed_event_attributes.result.payloads
    return json.loads(payload.data or b"null")


def _indexed(history: WorkflowHistory) -> dict[str, str]:
    """What the run was last found by."""
    facts: dict[str, str] = {}
    for event in history.events:
        upsert = event.upsert_workflow_search_attributes_event_attributes
        for key, payload in upsert.search_attributes.indexed_fields.items():
            facts[key] = json.loads(payload.data)
    return facts
