"""Opening times: from what a person writes to one unambiguous instant."""

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from domain.refusals import refuse

MAX_AHEAD = timedelta(days=400)
"""Nothing is scheduled further ahead: cards expire and programmes change."""


def zone(name: str) -> ZoneInfo:
    """The IANA zone of that name.

    Raises:
        Refused: `unknown_time_zone`.
    """
    if name not in _named_zones():
        raise refuse(
            "unknown_time_zone",
            "That time zone is not known. Use an IANA name such as America/New_York.",
            "time_zone",
        )
    return ZoneInfo(name)


@cache
def _named_zones() -> frozenset[str]:
    # "localtime" and its like mean whatever the machine is set to.
    return frozenset(available_timezones() - {"localtime", "posixrules", "Factory"})


def opening_instant(text: str, time_zone: str | None) -> datetime:
    """The UTC instant that an ISO 8601 text means.

    A text with an offset means itself. A wall time needs a zone, in which it must exist
    exactly once: clocks that go forward skip an hour, clocks that go back repeat one.

    Raises:
        Refused: `malformed_time`, `naive_time`, `unknown_time_zone`, `nonexistent_time` or
            `ambiguous_time`.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
        if ":" not in text and "T" not in text.upper():
            raise ValueError("a day is no instant")  # noqa: TRY301 - one refusal for both
    except ValueError as bad:
        raise refuse(
            "malformed_time",
            "The time could not be read. Write it like 2026-12-01T09:00:00-05:00.",
            "scheduled_time",
        ) from bad
    try:
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
        if time_zone is None:
            raise refuse(
                "naive_time",
                "The time has no offset and no time zone was given, so it could mean many "
                "instants. Add an offset (…-05:00) or a time_zone such as America/New_York.",
                "scheduled_time",
            )
        return _unambiguous(moment, zone(time_zone))
    except OverflowError as bad:
        raise refuse(
            "malformed_time", "The time lies outside the calendar.", "scheduled_time"
        ) from bad


def instants_of(wall: datetime, place: ZoneInfo) -> tuple[datetime, ...]:
    """The UTC instants at which clocks there show that naive time, in order.

    None where clocks go forward over it, two where they go back over it, else one.
    """
    found = {wall.replace(tzinfo=place, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return tuple(sorted(one for one in found if one.astimezone(place).replace(tzinfo=None) == wall))


def _unambiguous(wall: datetime, place: ZoneInfo) -> datetime:
    existing = instants_of(wall, place)
    if not existing:
        raise refuse(
            "nonexistent_time",
            f"{wall:%Y-%m-%d %H:%M} does not exist in {place.key}: clocks go forward over it. "
            "Give the time with its offset.",
            "scheduled_time",
        )
    first, *more = existing
    if more:
        raise refuse(
            "ambiguous_time",
            f"{wall:%Y-%m-%d %H:%M} comes twice in {place.key}: clocks go back over it. "
            "Give the time with its offset.",
            "scheduled_time",
        )
    return first


def check_future(instant: datetime, now: datetime) -> datetime:
    """The instant, if it lies ahead and within MAX_AHEAD.

    Raises:
        Refused: `past_time` or `too_far_ahead`.
    """
    if instant <= now:
        raise refuse(
            "past_time",
            "The opening time has already passed. Give one that lies ahead.",
            "scheduled_time",
        )
    if instant > now + MAX_AHEAD:
        raise refuse(
            "too_far_ahead",
            f"The opening lies more than {MAX_AHEAD.days} days ahead. Schedule it nearer the time.",
            "scheduled_time",
        )
    return instant


def in_words(instant: datetime, time_zone: str) -> str:
    """As a parent reads it: `Tuesday, 1 December 2026 at 9:00:00 AM EST (America/New_York)`."""
    local = instant.astimezone(ZoneInfo(time_zone))
    hour = local.hour % 12 or 12
    return f"{local:%A}, {local.day} {local:%B %Y} at {hour}:{local:%M:%S %p %Z} ({time_zone})"
