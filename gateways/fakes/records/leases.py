from datetime import datetime, timedelta
from uuid import UUID

from domain.attempts import ORPHANED_AFTER, LeaseRenewal, Orphan
from domain.errors import RecordRejected
from domain.registrations import Registration
from domain.states import AuditKind, RegistrationStatus
from gateways.fakes.records.tables import BOOKED, AttemptRow, Lease, Tables

_LONGEST = timedelta(minutes=1)
_TOLD_FOR = timedelta(minutes=10)
_KEPT_FOR = timedelta(days=1)
_LATE = timedelta(seconds=30)
_PAST_THE_SEND = (BOOKED, "refused")


class Leases(Tables):
    """What shows that a process with armed bookings is alive."""

    async def renew_lease(self, lease_id: UUID, ttl: timedelta) -> LeaseRenewal:
        if not timedelta() < ttl <= _LONGEST:
            raise RecordRejected("bad_ttl", "a lease lasts more than no time, and a minute at most")
        now = self.now()
        lapsed_at = self._lapsed_at(lease_id, now)
        self.leases[lease_id] = Lease(expires_at=now + ttl, lapsed_at=lapsed_at)
        wanted = {
            row_id
            for row_id, attempts in self.attempts.items()
            for attempt in attempts
            if attempt.marker.lease_id == lease_id
            and attempt.outcome is None
            and self.places[row_id].release_asked
        }
        if lapsed_at is not None and lapsed_at > now - _TOLD_FOR:
            wanted |= self._taken_over(lease_id, lapsed_at)
        holders = sum(lease.expires_at > now for lease in self.leases.values())
        return LeaseRenewal(now=now, holders=holders, release_asked=tuple(wanted))

    async def end_lease(self, lease_id: UUID) -> None:
        lease, now = self.leases.get(lease_id), self.now()
        if lease and lease.expires_at > now:
            lease = lease.model_copy(update={"expires_at": now})
        if lease:
            self.leases[lease_id] = lease.model_copy(update={"ended": True})

    async def orphans(self) -> tuple[Orphan, ...]:
        gone = {
            lease_id
            for lease_id, lease in self.leases.items()
            if not lease.ended and lease.expires_at + ORPHANED_AFTER <= self.now()
        }
        latest = [(row_id, attempts[-1]) for row_id, attempts in self.attempts.items() if attempts]
        return tuple(
            Orphan(registration_id=row_id, fence=last.marker.fence, armed_by=last.armed_by)
            for row_id, last in sorted(latest, key=lambda one: (one[1].marker.send_at, one[0]))
            if last.outcome is None
            and last.armed_by is not None
            and last.marker.lease_id in gone
            and self.rows[row_id].status is RegistrationStatus.EXECUTING
        )

    async def unmarked(self, since: timedelta, limit: int) -> tuple[UUID, ...]:
        waiting = [
            row
            for row in self.rows.values()
            if row.status is RegistrationStatus.EXECUTING and self._has_no_marker(row.id, since)
        ]
        late = self.now() - _LATE
        waiting.sort(key=lambda row: (_due(row) < late, _due(row), row.id))
        return tuple(row.id for row in waiting[:limit])

    async def ask_release(self, registration_id: UUID) -> None:
        if self.row(registration_id).status is RegistrationStatus.EXECUTING:
            self.places[registration_id] = self.places[registration_id].model_copy(
                update={"release_asked": True}
            )

    def _lapsed_at(self, lease_id: UUID, now: datetime) -> datetime | None:
        """When it ran out, where others may have taken over since; forgets old leases."""
        lease = self.leases.get(lease_id)
        if lease and lease.expires_at > now:
            return lease.lapsed_at
        needed = {
            attempt.marker.lease_id
            for attempts in self.attempts.values()
            for attempt in attempts
            if attempt.outcome is None
        }
        for old_id, old in list(self.leases.items()):
            if old.expires_at < now - _KEPT_FOR and old_id not in {*needed, lease_id}:
                del self.leases[old_id]
        if lease and lease.lapsed_at and lease.lapsed_at > now - _TOLD_FOR:
            return lease.lapsed_at
        return lease.expires_at if lease else None

    def _taken_over(self, lease_id: UUID, since: datetime) -> set[UUID]:
        """Registrations that others took over, or ended, while the lease had run out."""
        return {
            row_id
            for row_id, attempts in self.attempts.items()
            for attempt in attempts
            if attempt.marker.lease_id == lease_id
            and (attempt.closed_at is None or attempt.closed_at >= since)
            and not (attempts[-1].marker.lease_id == lease_id and attempts[-1].outcome is None)
            and (
                self.rows[row_id].status is not RegistrationStatus.EXECUTING
                or any(
                    other.marker.fence > attempt.marker.fence and other.marker.lease_id != lease_id
                    for other in attempts
                )
            )
        }

    def _has_no_marker(self, row_id: UUID, since: timedelta) -> bool:
        """Whether nothing shows for so long that a process has taken it."""
        before = self.now() - since
        return not any(
            self._shows_life(attempt, before) for attempt in self.attempts[row_id]
        ) and not any(
            event.kind is AuditKind.CLAIMED and event.at > before for event in self.trails[row_id]
        )

    def _shows_life(self, attempt: AttemptRow, before: datetime) -> bool:
        if attempt.closed_at is None:
            lease = self.leases.get(attempt.marker.lease_id) if attempt.marker.lease_id else None
            return lease is None or lease.expires_at > before
        return attempt.outcome in _PAST_THE_SEND or attempt.closed_at > before


def _due(row: Registration) -> datetime:
    return row.send_at or row.scheduled_time
