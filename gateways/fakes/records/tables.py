"""The rows in memory, and what every group of methods does with them."""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from domain.attempts import Marker
from domain.audit import AuditEvent
from domain.contracts import Standing
from domain.errors import Conflict, RecordMissing
from domain.family import Child, Profile
from domain.frozen import Frozen
from domain.payments import ChargeStatus, FrozenCharge
from domain.programs import Program, ProviderAccount
from domain.registrations import Mandate, Notification, Receipt, Registration
from domain.states import AuditKind, NotificationKind, RegistrationStatus
from gateways.fakes.records.chain import appended
from gateways.fakes.records.operations import Operations

BOOKED = "booked"
"""The outcome of a marker whose booking stands."""


class AttemptRow(Frozen):
    """A marker and how it was closed; no outcome while it is open."""

    marker: Marker
    outcome: str | None = None
    booking_number: str | None = None


class ChargeRow(Frozen):
    """A frozen charge and how it ended."""

    charge: FrozenCharge
    status: ChargeStatus = ChargeStatus.FROZEN


class OutboxRow(Frozen):
    """A notification and when its letter went out."""

    notification: Notification
    sent_at: datetime | None = None


def utc_now() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)


class Tables:
    """Every table, keyed as the database's unique constraints are.

    No method of the fake awaits anything in between, so each is a transaction: on one event
    loop nothing else sees a half-made change. A method checks everything before it writes.
    """

    def __init__(self, now: Callable[[], datetime] = utc_now) -> None:
        """`now` is the database's clock: aware, UTC."""
        self.now = now
        self.identities: dict[tuple[str, str], UUID] = {}
        self.profiles: dict[UUID, Profile] = {}
        self.family: dict[UUID, list[Child]] = defaultdict(list)
        self.accounts: dict[tuple[str, str], ProviderAccount] = {}
        self.programs: dict[UUID, Program] = {}
        self.rows: dict[UUID, Registration] = {}
        self.row_children: dict[UUID, tuple[UUID, ...]] = {}
        self.mandates: dict[UUID, Mandate] = {}
        self.attempts: dict[UUID, list[AttemptRow]] = defaultdict(list)
        self.charges: dict[UUID, list[ChargeRow]] = defaultdict(list)
        self.issued: dict[UUID, Receipt] = {}
        self.outbox: dict[UUID, OutboxRow] = {}
        self.trails: dict[UUID, list[AuditEvent]] = defaultdict(list)
        self.operations = Operations()

    def row(self, registration_id: UUID) -> Registration:
        """The registration's row.

        Raises:
            RecordMissing: there is none.
        """
        if registration_id not in self.rows:
            raise RecordMissing("there is no such registration")
        return self.rows[registration_id]

    def expect(
        self, registration_id: UUID, version: int, *statuses: RegistrationStatus
    ) -> Registration:
        """The row, if it is in one of these states and at this version.

        Raises:
            Conflict: it is not.
        """
        row = self.row(registration_id)
        if row.status not in statuses:
            raise Conflict(f"the registration is {row.status.value}")
        if row.version != version:
            raise Conflict(f"the registration is at version {row.version}, not {version}")
        return row

    def move(
        self,
        row: Registration,
        kind: AuditKind,
        operation_key: str,
        detail: dict[str, Any],
        **changes: object,
    ) -> Standing:
        """Write a transition: the changed columns, the next version and its audit event."""
        self.rows[row.id] = row.model_copy(update={**changes, "version": row.version + 1})
        self.record(row.id, kind, operation_key, detail)
        return self.standing(row.id)

    def record(
        self, registration_id: UUID, kind: AuditKind, operation_key: str, detail: dict[str, Any]
    ) -> None:
        """Append an event to the registration's chain and keep its head on the row."""
        trail = self.trails[registration_id]
        event = appended(trail, registration_id, kind, detail, operation_key, self.now())
        trail.append(event)
        self.rows[registration_id] = self.rows[registration_id].model_copy(
            update={"audit_head": event.hash}
        )

    def standing(self, registration_id: UUID) -> Standing:
        """Where the row stands."""
        row = self.row(registration_id)
        return Standing(
            status=row.status,
            fee_status=row.fee_status,
            version=row.version,
            scheduled_time=row.scheduled_time,
            audit_head=row.audit_head or "",
            receipt_code=row.receipt_code,
        )

    def attempt(self, registration_id: UUID, fence: int) -> AttemptRow | None:
        """The attempt of that fence."""
        attempts = self.attempts[registration_id]
        return attempts[fence - 1] if 1 <= fence <= len(attempts) else None

    def open_markers(self, registration_id: UUID) -> tuple[Marker, ...]:
        """The markers nobody has closed, lowest fence first."""
        return tuple(
            attempt.marker for attempt in self.attempts[registration_id] if attempt.outcome is None
        )

    def close_markers(
        self, registration_id: UUID, outcome: str, booking_number: str | None = None
    ) -> list[int]:
        """Close every open marker alike; answers with their fences."""
        closed = [marker.fence for marker in self.open_markers(registration_id)]
        for fence in closed:
            self.close_marker(registration_id, fence, outcome, booking_number)
        return closed

    def close_marker(
        self, registration_id: UUID, fence: int, outcome: str, booking_number: str | None = None
    ) -> None:
        """Close the marker of that fence."""
        attempts = self.attempts[registration_id]
        attempts[fence - 1] = attempts[fence - 1].model_copy(
            update={"outcome": outcome, "booking_number": booking_number}
        )

    def tell(
        self, registration_id: UUID, kind: NotificationKind, facts: dict[str, str] | None = None
    ) -> None:
        """Put a notification in the outbox."""
        notification = Notification(
            id=uuid4(), registration_id=registration_id, kind=kind, facts=facts or {}
        )
        self.outbox[notification.id] = OutboxRow(notification=notification)
