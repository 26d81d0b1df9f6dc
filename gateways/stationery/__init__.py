"""Letters in words."""

from functools import cache

from gateways.protocols.mail import Words


@cache
def words() -> Words:
    """What writes letters: one for all, since it keeps the templates that it has read.

    The templates' engine and the world's calendars take a tenth of a second to load, and most
    processes write no letter.
    """
    from gateways.stationery.writing import Stationery  # noqa: PLC0415

    return Stationery()
