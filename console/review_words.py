"""The words of evidence, attempts and answers, in plain English."""

import re
from collections.abc import Iterable

from domain.review import AttemptRecord

OUTCOMES = {
    None: "open: nobody knows what became of it",
    "released": "given back: nothing was sent under it",
    "refused": "refused: the organiser's system said no for certain",
    "nothing_found": "nothing found: it may have been sent, and a look-up showed no booking",
    "booked": "booked",
}
"""How an attempt was closed."""

ANSWERS = {
    "Booked": "the organiser's system answered with a booking",
    "NotOpenYet": "refused: the window was not open yet",
    "SoldOut": "refused: no place was left",
    "Rejected": "refused for another cause",
    "Throttled": "refused: too many requests, come again later",
    "Unauthorised": "refused: our keys are not accepted",
    "Unavailable": "no connection: not a byte of it was sent",
    "LaneLost": "the prepared connection was closed before: not a byte of it was sent",
    "UnknownOutcome": "sent, and no clear answer came: it may have been booked",
}
"""What each request ended in."""

_EVIDENCE = {
    r"status (408|5\d\d)": (
        "the organiser's server, or one in front of it, gave up on the request. It may "
        "have booked before it did."
    ),
    r"status [13]\d\d": (
        "an answer that no booking is ever given with. Something in between answered in "
        "the organiser's stead."
    ),
    r"status 2\d\d without a booking number": (
        "the request was accepted, but the answer did not say under which number. Most "
        "likely it is booked."
    ),
    r"\d+ bytes": "how long the answer was. Its text is not kept: it may hold personal data.",
    r"\bTimeoutError|\w*Timeout\b": (
        "the request was sent, and no whole answer came within 10 to 15 seconds."
    ),
    r"Connection\w*Error|\w*ProtocolError|\b(?:Read|Write|Close)Error|closed before the whole": (
        "the connection broke while the answer was awaited."
    ),
    r"no connection": "the connection was gone at the moment of sending.",
    r"under another reference": "the answer to our request named a booking that is not ours.",
    r"look-ups unanswered|no answer to our look-ups": (
        "we asked which bookings stand under our reference, and got no answer."
    ),
    r"left no trace|no trace of it": (
        "after the time we wait (20 seconds) no booking stood under our reference."
    ),
    r"too late for another send": "the hour after the opening in which we book was over.",
    r"awaits the organiser's approval": "the booking is a request that nobody has accepted yet.",
    r"above the limit and stands": "dearer than agreed, and not cancelled.",
    r"only a cancelled booking": "every booking under our reference is cancelled.",
    r"ended without an answer": (
        "the step that books failed; what follows is the error it failed with."
    ),
    r"could not be written": (
        "the database refused to record that outcome; what follows is the rule it named."
    ),
    r"RecordRejected": "the database refused the values by one of its rules.",
    r"Conflict": "the registration had changed meanwhile.",
    r"Records(?:Unavailable|Misconfigured)": "the database did not answer, or refused our key.",
    r"WorkerStopping|LaneDied|heartbeat|activity\b.*\btime": (
        "the process that was to book ended, or was not heard of any more."
    ),
    r"\b(?:missed_window|sold_out|not_opened|rejected|mandate_invalid|unauthorised)\b": (
        "the refusal that came after the lost request."
    ),
    r"reconciled by look-up": "a later attempt looked it up and closed it.",
    r"lease had lapsed": (
        "the process had lost its right to send, so it began anew before sending anything."
    ),
}
"""Patterns, with what the words they match mean."""

OTHER = "the name of an error. Ask whoever runs the worker, and give them this line."


def explained(evidence: str) -> dict[str, str]:
    """Each known word of the evidence, as it stands there, with what it means."""
    found: dict[str, str] = {}
    for pattern, meaning in _EVIDENCE.items():
        match = re.search(pattern, evidence)
        if match is not None:
            found[match[0]] = meaning
    return found or {evidence: OTHER}


def of_case(evidence: str | None, attempts: Iterable[AttemptRecord]) -> dict[str, str]:
    """The words of a whole case, each once."""
    texts = [evidence, *(attempt.evidence for attempt in attempts)]
    return {word: meaning for text in texts if text for word, meaning in explained(text).items()}
