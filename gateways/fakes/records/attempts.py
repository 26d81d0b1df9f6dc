from datetime import datetime
from uuid import UUID

from domain.attempts import ArmedBy, Marker, OpenedAttempt
from domain.errors import Conflict, RecordMissing, RecordRejected
from domain.identifiers import operation_key as step_key
from domain.review import AttemptRecord
from domain.states import AuditKind, RegistrationStatus
from gateways.fakes.records.chain import instant_text
from gateways.fakes.records.tables import BOOKED, AttemptRow, Tables

CLOSINGS = frozenset({"released", "refused", "nothing_found", BOOKED})
"""How a marker may be closed."""


class Attempts(Tables):
    """Markers of what may have been sent."""

    async def open_attempt(
        self,
        registration_id: UUID,
        send_at: datetime,
        operation_key: str,
        lease_id: UUID | None = None,
        armed_by: ArmedBy | None = None,
    ) -> OpenedAttempt:
        status = self.row(registration_id).status
        if first := self.operations.first(
            operation_key, "open_attempt", registration_id, OpenedAttempt
        ):
            return first
        if status is not RegistrationStatus.EXECUTING:
            raise Conflict(f"the registration is {status.value}")
        self.expect_bookings_open()
        unclosed = self.open_markers(registration_id)
        fence = len(self.attempts[registration_id]) + 1
        marker = Marker(fence=fence, send_at=send_at, opened_at=self.now(), lease_id=lease_id)
        self.attempts[registration_id].append(AttemptRow(marker=marker, armed_by=armed_by))
        detail = {"fence": fence, "send_at": instant_text(send_at), "unclosed": len(unclosed)}
        self.record(registration_id, AuditKind.ATTEMPT_OPENED, operation_key, detail)
        nothing_found = sum(a.outcome == "nothing_found" for a in self.attempts[registration_id])
        opened = OpenedAttempt(
            marker=self.judged(marker),
            unclosed=unclosed,
            nothing_found=nothing_found,
            release_asked=self.places[registration_id].release_asked,
            booked=self.booked_marker(registration_id),
            revoked=self._revoked(registration_id),
        )
        self.forget_wish(registration_id)
        return self.operations.keep(operation_key, "open_attempt", registration_id, opened)

    async def close_attempt(
        self,
        registration_id: UUID,
        fence: int,
        outcome: str,
        evidence: str | None,
    ) -> None:
        self.row(registration_id)
        if outcome not in CLOSINGS:
            raise RecordRejected("bad_outcome", "a marker is not closed like that")
        attempt = self.attempt(registration_id, fence)
        if attempt is None:
            raise RecordMissing("there is no such attempt")
        if attempt.outcome == outcome:
            return
        if attempt.outcome is not None:
            raise Conflict(f"the attempt was closed as {attempt.outcome}")
        self.close_marker(registration_id, fence, outcome, evidence=evidence)
        key = step_key(registration_id, "close-attempt", fence)
        detail = {"fence": fence, "outcome": outcome}
        self.record(registration_id, AuditKind.ATTEMPT_CLOSED, key, detail)

    def _revoked(self, registration_id: UUID) -> bool:
        mandate = self.mandates.get(registration_id)
        return mandate is not None and mandate.revoked_at is not None


def attempt_record(attempt: AttemptRow) -> AttemptRecord:
    """The marker with everything written under it."""
    return AttemptRecord(**attempt.marker.model_dump(), **attempt.model_dump(exclude={"marker"}))
