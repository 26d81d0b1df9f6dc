"""The faults that every provider can show."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from sandbox.simulator.faults import FaultKind

Milliseconds = Annotated[float, Field(ge=0, le=600_000)]
Seconds = Annotated[float, Field(ge=0, le=3_600)]
ServerError = Annotated[int, Field(ge=400, le=599)]


class LatencyBefore(FaultKind):
    """Wait before anything is committed: `ms`, plus up to `jitter_ms` drawn evenly."""

    kind: ClassVar[str] = "latency_before_ms"
    ms: Milliseconds
    jitter_ms: Milliseconds = 0


class LatencyAfter(FaultKind):
    """Wait between commit and answer."""

    kind: ClassVar[str] = "latency_after_ms"
    ms: Milliseconds
    jitter_ms: Milliseconds = 0


class DropBefore(FaultKind):
    """Reset the connection without an answer; nothing is committed."""

    kind: ClassVar[str] = "drop_before"


class DropAfter(FaultKind):
    """Commit, then reset the connection without an answer."""

    kind: ClassVar[str] = "drop_after"


class ErrorBefore(FaultKind):
    """Answer with an error status; nothing is committed."""

    kind: ClassVar[str] = "error_before"
    status: ServerError = 503


class ErrorAfter(FaultKind):
    """Commit, then answer with an error status."""

    kind: ClassVar[str] = "error_after"
    status: ServerError = 500


class Throttle(FaultKind):
    """Answer 429; nothing is committed. `hint` says where the wait is written."""

    kind: ClassVar[str] = "throttle"
    hint: Literal["header", "body", "both", "none"] = "header"
    seconds: Annotated[int, Field(ge=0, le=3_600)] = 1


class Hang(FaultKind):
    """Never answer: hold the connection until the client leaves, or reset it after `seconds`."""

    kind: ClassVar[str] = "hang"
    seconds: Seconds = 3_600
    after_commit: bool = False


class Truncate(FaultKind):
    """Commit, send the full length in the header but only `keep_bytes` of the body, and close."""

    kind: ClassVar[str] = "truncate"
    keep_bytes: Annotated[int, Field(ge=0)] = 12


class EmptyBody(FaultKind):
    """Commit, and answer with status and headers but an empty body."""

    kind: ClassVar[str] = "empty_body"


class CrashAfterCommit(FaultKind):
    """Commit, then end the whole process at once, as a killed server does."""

    kind: ClassVar[str] = "crash_after_commit"


class RefuseConnections(FaultKind):
    """Stop listening for `seconds`, starting `in_seconds` after the rule is added.

    Open connections are closed too unless `keep_existing`. The control surface is out of
    reach meanwhile; a restart of the process ends it.
    """

    kind: ClassVar[str] = "refuse_connections"
    standing: ClassVar[bool] = True
    seconds: Seconds
    in_seconds: Seconds = 0
    keep_existing: bool = False


class ClockSkew(FaultKind):
    """The provider's clock, seen in the `Date` header, is off by `ms` (negative: behind).

    Its decisions follow the same clock unless `date_only`.
    """

    kind: ClassVar[str] = "clock_skew"
    standing: ClassVar[bool] = True
    ms: Annotated[float, Field(ge=-86_400_000, le=86_400_000)]
    date_only: bool = False


class NoDate(FaultKind):
    """Answer without a `Date` header."""

    kind: ClassVar[str] = "no_date"


class StaleDate(FaultKind):
    """Answer as a cache would: with the `Date` of `age_seconds` ago.

    `Age` says so, unless the cache keeps it to itself.
    """

    kind: ClassVar[str] = "stale_date"
    age_seconds: Annotated[int, Field(ge=0, le=86_400)] = 30
    with_age: bool = True


GENERIC: tuple[type[FaultKind], ...] = (
    LatencyBefore,
    LatencyAfter,
    DropBefore,
    DropAfter,
    ErrorBefore,
    ErrorAfter,
    Throttle,
    Hang,
    Truncate,
    EmptyBody,
    CrashAfterCommit,
    RefuseConnections,
    ClockSkew,
    NoDate,
    StaleDate,
)
