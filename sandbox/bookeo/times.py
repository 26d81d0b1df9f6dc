"""Moments on Bookeo's wire, and the windows that its lists accept."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sandbox.simulator.answer import Refused

MAX_WINDOW = timedelta(days=31)


def rfc3339(ms: float, zone: str) -> str:
    """Whole seconds with the account's own offset, as Bookeo writes them."""
    moment = datetime.fromtimestamp(ms // 1000, UTC)
    return moment.astimezone(ZoneInfo(zone)).isoformat()


def epoch_ms(text: str, name: str) -> float:
    """The moment of an RFC 3339 text.

    Raises:
        Refused: 400, unreadable or without an offset.
    """
    try:
        # An unescaped + of an offset arrives in a query as a space.
        moment = datetime.fromisoformat(text.strip().replace(" ", "+"))
    except ValueError as bad:
        raise Refused(400, f"{name} is not a valid time.") from bad
    if moment.tzinfo is None:
        raise Refused(400, f"{name} needs an offset from UTC.")
    return moment.timestamp() * 1000


def window(query: Mapping[str, str], start: str, end: str) -> tuple[float, float] | None:
    """A pair of query parameters; None when neither is given.

    Raises:
        Refused: 400, half a pair, the wrong way round, or more than 31 days.
    """
    if start not in query and end not in query:
        return None
    if start not in query or end not in query:
        raise Refused(400, f"{start} and {end} must be given together.")
    first, last = epoch_ms(query[start], start), epoch_ms(query[end], end)
    if last < first:
        raise Refused(400, f"{end} lies before {start}.")
    if last - first > MAX_WINDOW.total_seconds() * 1000:
        raise Refused(400, f"{start} and {end} may be at most {MAX_WINDOW.days} days apart.")
    return first, last
