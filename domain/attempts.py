"""Markers: durable traces of what may have been sent."""

from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from domain.frozen import Frozen, Instant


class LeaseState(StrEnum):
    """What is known of the process that wrote a marker."""

    NONE = "none"
    """It held no lease: nothing is known."""
    HELD = "held"
    """Its lease runs: it may be alive and armed."""
    LAPSED = "lapsed"
    """It can send nothing more, but may have sent."""
    LAPSED_UNFIRED = "lapsed_unfired"
    """Its lease lapsed before its send time: it sent nothing."""


class Marker(Frozen):
    """An attempt that may have sent a booking request."""

    fence: int
    """Numbered from 1 within the registration; a later attempt has a higher one."""
    send_at: Instant
    opened_at: Instant
    lease: LeaseState = LeaseState.NONE
    lease_id: UUID | None = None


class BookedMarker(Frozen):
    """A marker that was closed with a booking."""

    booking_number: str
    send_at: Instant


class OpenedAttempt(Frozen):
    """A new marker, with the unclosed ones that force a look-up before any send."""

    marker: Marker
    unclosed: tuple[Marker, ...] = ()
    nothing_found: int = 0
    """Earlier markers closed because nothing was found: after one, no further send is made."""
    release_asked: bool = False
    """Somebody wants the registration back before it is sent; told once."""
    booked: BookedMarker | None = None
    """The booking that an earlier attempt ended in, where its outcome was never written: then
    nothing is sent any more."""
    revoked: bool = False
    """The permission was withdrawn. While the marker is open it is not."""


class ArmedBy(Frozen):
    """The activity that armed a booking: by it Temporal is told that its process died."""

    run_id: str
    activity_id: str
    task_token: str = ""
    """Names this very attempt, in base64; empty where an earlier release armed it."""


class Orphan(Frozen):
    """An attempt whose process let its lease lapse and has not come back."""

    registration_id: UUID
    fence: int
    armed_by: ArmedBy


ORPHANED_AFTER = timedelta(seconds=1)
"""How long a lease must have been over: a process held up for a moment is not dead."""

LEASE_TTL = timedelta(milliseconds=1_500)
"""A lanes process that has not renewed its lease for so long fires nothing any more."""

LEASE_MARGIN = timedelta(milliseconds=250)
"""A lease counts as lapsed before a send time only with this much to spare: the dead process's
clock may have been ahead of the database's."""


class LeaseRenewal(Frozen):
    """The database's answer to a renewal."""

    now: Instant
    """The database's clock, between the asking and the answer."""
    holders: int
    """Leases that run, this one included: so many processes share each account's budget."""
    release_asked: tuple[UUID, ...] = ()
    """Registrations armed under this lease that somebody wants back before they are sent, or that
    others took over while it had lapsed. Some may not be held any more."""
