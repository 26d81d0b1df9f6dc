"""Markers: durable traces of what may have been sent."""

from domain.frozen import Frozen, Instant


class Marker(Frozen):
    """An attempt that may have sent a booking request."""

    fence: int
    """Numbered from 1 within the registration; a later attempt has a higher one."""
    send_at: Instant
    opened_at: Instant


class OpenedAttempt(Frozen):
    """A new marker, with the unclosed ones that force a look-up before any send."""

    marker: Marker
    unclosed: tuple[Marker, ...] = ()
    nothing_found: int = 0
    """Earlier markers closed because nothing was found: after one, no further send is made."""
