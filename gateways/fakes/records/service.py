from datetime import datetime
from uuid import UUID

from domain.attempts import Marker
from domain.contracts import Claim, Standing
from domain.errors import Conflict, RecordRejected
from domain.identifiers import operation_key
from domain.registrations import Registration
from domain.service import MOST_REASON, ServiceState
from domain.states import UNDER_WAY, AuditKind, RegistrationStatus
from gateways.fakes.records.chain import instant_text
from gateways.fakes.records.claims import Claims
from gateways.fakes.records.queue import rank_behind
from gateways.fakes.records.tables import AttemptRow

_NOT_ENDED = {RegistrationStatus.DRAFT, *UNDER_WAY}


class Service(Claims):
    """The service as a whole."""

    async def service_state(self) -> ServiceState:
        return self.service

    async def pause_bookings(
        self, because: str, backup_taken_at: datetime | None = None
    ) -> ServiceState:
        now, kept = self.now(), self.service
        if not 1 <= len(because) <= MOST_REASON:
            raise RecordRejected("no_reason", "pausing needs a reason")
        paused = {"bookings_paused_since": now, "paused_because": because}
        if backup_taken_at is not None:
            if backup_taken_at > now:
                raise RecordRejected("backup_in_future", "a backup was not taken in the future")
            if not (kept.backup_taken_at == backup_taken_at and kept.unreconciled):
                self.service = ServiceState.model_validate(
                    {**paused, "backup_taken_at": backup_taken_at, "restored_at": now}
                )
        elif not kept.paused:
            self.service = kept.model_copy(update=paused)
        return self.service

    async def resume_bookings(self, *, reconciled: bool = False) -> ServiceState:
        kept = self.service
        if not kept.paused:
            return kept
        if kept.unreconciled and not reconciled:
            raise RecordRejected("not_reconciled", "the restore has not been reconciled")
        running: dict[str, datetime | None] = {"bookings_paused_since": None}
        if kept.unreconciled:
            running["reconciled_at"] = self.now()
        self.service = kept.model_copy(update={**running, "paused_because": None})
        return self.service

    async def mark_possibly_booked(self, registration_id: UUID) -> Standing:
        row, state = self.row(registration_id), self.service
        if not state.unreconciled or state.backup_taken_at is None or state.restored_at is None:
            raise Conflict("no restore waits to be reconciled")
        since = state.backup_taken_at
        if any(attempt.restored_from == since for attempt in self.attempts[row.id]):
            return self.standing(row.id)
        if row.status not in _NOT_ENDED:
            raise Conflict(f"the registration is {row.status.value}")
        if row.status is RegistrationStatus.PENDING:
            self._claim_to_look(row)
        unclosed, attempts = self.open_markers(row.id), self.attempts[row.id]
        marker = Marker(
            fence=len(attempts) + 1,
            send_at=min(row.scheduled_time, state.restored_at),
            opened_at=min(since, row.scheduled_time),
        )
        attempts.append(AttemptRow(marker=marker, restored_from=since))
        detail = {
            "fence": marker.fence,
            "send_at": instant_text(marker.send_at),
            "unclosed": len(unclosed),
            "restored_from": instant_text(since),
        }
        key = f"{operation_key(row.id, 'restored')}/{instant_text(since)}"
        self.record(row.id, AuditKind.ATTEMPT_OPENED, key, detail)
        return self.standing(row.id)

    def _claim_to_look(self, row: Registration) -> None:
        """Outside the account's reckoning: it is looked for, and mostly never sent."""
        queue, place = self.queue_of(row), self.places[row.id]
        rank = rank_behind([self.places[other.id] for other in queue[: queue.index(row)]])
        send_at = max(row.scheduled_time, self.now())
        self.places[row.id] = place.model_copy(update={"rank": rank})
        key = operation_key(row.id, "claim", row.version)
        detail = {"send_at": instant_text(send_at), "rank": rank}
        executing = RegistrationStatus.EXECUTING
        standing = self.move(row, AuditKind.CLAIMED, key, detail, status=executing)
        claim = Claim(standing=standing, send_at=send_at, rank=rank, sharing=len(queue))
        self.operations.keep(key, "claim", row.id, claim)
