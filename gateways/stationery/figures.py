"""Amounts and instants as a reader is used to them, by the rules of CLDR."""

from datetime import datetime, tzinfo
from decimal import Decimal
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.numbers import format_currency

from domain.money import Money
from domain.opening import zone
from domain.refusals import Refused

CENTS = 100
OTHERWISE = "en_US"


def amount(money: Money, locale: str) -> str:
    """As `$20.00`, `20,00 €` or `€20.00`."""
    return format_currency(
        Decimal(money.amount_cents) / CENTS, money.currency, locale=_known(locale)
    )


def moment(instant: datetime, time_zone: str, locale: str) -> str:
    """To the second, with the zone by both of its names: `Tuesday, December 1, 2026, 9:00:00 AM
    Eastern Standard Time (America/New_York)`.
    """
    known = _known(locale)
    clock = format_time(instant, "full", tzinfo=_place(time_zone), locale=known)
    joined = known.datetime_formats["full"].replace("'", "")
    told = joined.format(clock, day(instant, time_zone, locale))
    # Not every mail program has a sign for the narrow space before AM.
    return f"{told} ({time_zone})".replace("\N{NARROW NO-BREAK SPACE}", " ")


def day(instant: datetime, time_zone: str, locale: str) -> str:
    """As `Tuesday, December 1, 2026`: which day it is then in that zone."""
    return format_date(instant.astimezone(_place(time_zone)), "full", locale=_known(locale))


@cache
def _known(locale: str) -> Locale:
    """The locale, or where CLDR has none of that name its language alone, or American English."""
    for name in (locale, locale.partition("_")[0]):
        try:
            return Locale.parse(name)
        except (UnknownLocaleError, ValueError):
            continue
    return Locale.parse(OTHERWISE)


@cache
def _place(time_zone: str) -> tzinfo:
    """The zone; UTC where this machine knows none of that name."""
    try:
        return zone(time_zone)
    except Refused:
        return zone("UTC")
