"""Bookeo's own forms of saying created, and of saying no."""

import secrets
from typing import Any

from sandbox.bookeo.faults import BodyForm
from sandbox.simulator.answer import Answer
from sandbox.simulator.vendor import Call

SERVER_ERROR = 500


def created(call: Call, path: str, body: dict[str, Any]) -> Answer:
    """201 with a Location, and with the object unless a knob asks for the Location only."""
    headers = {"location": f"{str(call.request.base_url).rstrip('/')}{path}"}
    form = call.fault(BodyForm)
    if form is not None and form.form == "location_only":
        return Answer(201, b"", headers)
    return Answer.of(body, 201, headers)


def error(status: int, message: str) -> Answer:
    """An error without any machine-readable code.

    Sources disagree whether errorId is a number or a string: faults of the server carry a
    number here, refusals a string.
    """
    number = secrets.randbelow(10**9)
    error_id: int | str = number if status >= SERVER_ERROR else f"E{number:09d}"
    return Answer.of({"httpStatus": status, "message": message, "errorId": error_id}, status)
