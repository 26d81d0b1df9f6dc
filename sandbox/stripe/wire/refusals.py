"""Errors as Stripe words them."""

from collections.abc import Mapping
from typing import Any

from sandbox.simulator.answer import Answer


class Refusal(Exception):
    """A request is refused.

    Attributes:
        status: the HTTP status.
        error: the `error` hash of the answer.
        keeps_changes: whether what the request changed before it was refused stays: a declined
            charge leaves its PaymentIntent behind.
    """

    def __init__(
        self,
        status: int,
        kind: str,
        message: str,
        *,
        keeps_changes: bool = False,
        **facts: object,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.keeps_changes = keeps_changes
        stated = {name: fact for name, fact in facts.items() if fact is not None}
        self.error: Mapping[str, Any] = {"message": message, "type": kind, **stated}

    def answer(self) -> Answer:
        """The refusal on the wire."""
        return Answer.of({"error": self.error}, self.status)


def invalid_request(message: str, *, param: str | None = None, code: str | None = None) -> Refusal:
    """400: the request as it stands can never succeed."""
    return Refusal(400, "invalid_request_error", message, param=param, code=code)


def missing(noun: str, identifier: str, *, param: str, status: int = 400) -> Refusal:
    """400 where a parameter names no object, 404 where the path does."""
    return Refusal(
        status,
        "invalid_request_error",
        f"No such {noun}: '{identifier[:80]}'",
        code="resource_missing",
        param=param,
    )


def worded(status: int, message: str) -> Answer:
    """The answer to an error that the machinery makes: throttling, 5xx, an unknown path."""
    if status == 429:  # noqa: PLR2004 - Too Many Requests
        refusal = Refusal(
            status,
            "invalid_request_error",
            "Request rate limit exceeded. Please slow down.",
            code="rate_limit",
        )
    elif status >= 500:  # noqa: PLR2004 - the server errors
        refusal = Refusal(status, "api_error", message)
    else:
        refusal = Refusal(status, "invalid_request_error", message)
    return refusal.answer()
