"""The rows in memory, and what every group of methods does with them."""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from domain.alerts import Alert
from domain.attempts import LEASE_MARGIN, ArmedBy, BookedMarker, LeaseState, Marker
from domain.audit import AuditEvent
from domain.cancellation import CancellationWish
from domain.contracts import Standing, Try
from domain.errors import BookingsPaused, Conflict, RecordMissing
from domain.family import Child, Profile
from domain.frozen import Frozen
from domain.pacing import Pause
from domain.payments import ChargeRecord
from domain.programs import Program, ProviderAccount
from domain.refunds import OpenedRefund, RefundReason
from domain.registrations import Mandate, Notification, Receipt, Registration
from domain.review import ReviewCase
from domain.service import ServiceState
from domain.states import UNDER_WAY, AuditKind, NotificationKind, RegistrationStatus
from gateways.fakes.records.accounts import Accounts
from gateways.fakes.records.chain import appended
from gateways.fakes.records.operations import Operations
from gateways.fakes.records.outbox_row import OutboxRow
from gateways.fakes.records.queue import Place

BOOKED = "booked"
"""The outcome of a marker whose booking stands."""


EARLIER_RELEASE_AT_WORK = timedelta(hours=1)
"""After the schema came to sign mandates, a release that signs none may confirm for so long."""


class AttemptRow(Frozen):
    """A marker and how it was closed; no outcome while it is open."""

    marker: Marker
    armed_by: ArmedBy | None = None
    outcome: str | None = None
    closed_at: datetime | None = None
    booking_number: str | None = None
    evidence: str | None = None
    requests: tuple[Try, ...] = ()
    restored_from: datetime | None = None


class Lease(Frozen):
    """How long a process may be alive, and when it ran out before it was renewed after all."""

    expires_at: datetime
    lapsed_at: datetime | None = None
    ended: bool = False


class ChargeRow(ChargeRecord):
    """A charge and when its end was known."""

    settled_at: datetime | None = None


class CancellationRow(Frozen):
    """A booking that is no more."""

    reason: RefundReason
    booking_cancelled_at: datetime


def utc_now() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)


class Tables(Accounts):
    """Every table, keyed as the database's unique constraints are.

    No method of the fake awaits anything in between, so each is a transaction: on one event
    loop nothing else sees a half-made change. A method checks everything before it writes.
    """

    def __init__(self, now: Callable[[], datetime] = utc_now) -> None:
        """`now` is the database's clock: aware, UTC."""
        super().__init__()
        self.now = now
        self.identities: dict[tuple[str, str], UUID] = {}
        self.profiles: dict[UUID, Profile] = {}
        self.family: dict[UUID, list[Child]] = defaultdict(list)
        self.accounts: dict[tuple[str, str], ProviderAccount] = {}
        self.programs: dict[UUID, Program] = {}
        self.rows: dict[UUID, Registration] = {}
        self.row_children: dict[UUID, tuple[UUID, ...]] = {}
        self.mandates: dict[UUID, Mandate] = {}
        self.places: dict[UUID, Place] = {}
        self.pauses: dict[tuple[str, str], Pause] = {}
        self.leases: dict[UUID, Lease] = {}
        self.attempts: dict[UUID, list[AttemptRow]] = defaultdict(list)
        self.charges: dict[UUID, list[ChargeRow]] = defaultdict(list)
        self.cancellations: dict[UUID, CancellationRow] = {}
        self.wishes: dict[UUID, CancellationWish] = {}
        self.wishes_checked: dict[UUID, datetime] = {}
        self.refunds: dict[UUID, OpenedRefund] = {}
        self.refunds_settled: dict[UUID, datetime] = {}
        self.issued: dict[UUID, Receipt] = {}
        self.outbox: dict[UUID, OutboxRow] = {}
        self.alerts: list[Alert] = []
        self.reviews: dict[UUID, ReviewCase] = {}
        self.reviewed_bookings: dict[UUID, str] = {}
        self.service = ServiceState()
        self.unsigned_mandates_until = now() + EARLIER_RELEASE_AT_WORK
        self.trails: dict[UUID, list[AuditEvent]] = defaultdict(list)
        self.operations = Operations()
        self._tickets = count(1)

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
        moved = row.model_copy(update={**changes, "version": row.version + 1})
        self.rows[row.id] = moved
        if (moved.status, moved.scheduled_time) != (row.status, row.scheduled_time):
            self._keep_place(row, moved)
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

    def expect_bookings_open(self) -> None:
        """Raises BookingsPaused: they are."""
        if self.service.paused:
            raise BookingsPaused("bookings are paused")

    def expect_reconciled(self) -> None:
        """Raises BookingsPaused: a restore waits to be reconciled."""
        if self.service.unreconciled:
            raise BookingsPaused("the database was restored and is not reconciled")

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

    def queue_of(self, row: Registration) -> list[Registration]:
        """Those of the same account and opening that are under way, in order."""
        queue = [
            other
            for other in self.rows.values()
            if other.status in UNDER_WAY
            and (other.provider, other.org_ref) == (row.provider, row.org_ref)
            and other.scheduled_time == row.scheduled_time
        ]
        return sorted(queue, key=lambda other: self.places[other.id].ticket)

    def shown(self, row: Registration) -> Registration:
        """The row with its place in the queue."""
        if row.status not in UNDER_WAY:
            return row
        queue = self.queue_of(row)
        return row.model_copy(
            update={"queue_place": queue.index(row) + 1, "queue_length": len(queue)}
        )

    def _keep_place(self, before: Registration, row: Registration) -> None:
        """Queue at the end; give the place back; end the wish to have it back."""
        if row.status is RegistrationStatus.PENDING:
            self.places[row.id] = Place(ticket=next(self._tickets))
        elif row.id not in self.places:
            return
        elif row.status is RegistrationStatus.CANCELLED and before.status in UNDER_WAY:
            self.places[row.id] = Place(ticket=self.places[row.id].ticket)
        else:
            self.forget_wish(row.id)
            return
        self.rows[row.id] = row.model_copy(update={"send_at": None})

    def forget_wish(self, registration_id: UUID) -> None:
        """Nobody wants it back any more."""
        place = self.places.get(registration_id)
        if place is not None:
            self.places[registration_id] = place.model_copy(update={"release_asked": False})

    def attempt(self, registration_id: UUID, fence: int) -> AttemptRow | None:
        """The attempt of that fence."""
        attempts = self.attempts[registration_id]
        return attempts[fence - 1] if 1 <= fence <= len(attempts) else None

    def open_markers(self, registration_id: UUID) -> tuple[Marker, ...]:
        """The markers nobody has closed, lowest fence first, with what is known of them now."""
        return tuple(
            self.judged(attempt.marker)
            for attempt in self.attempts[registration_id]
            if attempt.outcome is None
        )

    def judged(self, marker: Marker) -> Marker:
        """The marker with what is known of the process that wrote it."""
        lease = self.leases.get(marker.lease_id) if marker.lease_id else None
        if lease is None:
            state = LeaseState.NONE
        elif lease.expires_at > self.now():
            state = LeaseState.HELD
        elif lease.expires_at + LEASE_MARGIN <= marker.send_at:
            state = LeaseState.LAPSED_UNFIRED
        else:
            state = LeaseState.LAPSED
        return marker.model_copy(update={"lease": state})

    def booked_marker(self, registration_id: UUID) -> BookedMarker | None:
        """The booking that a marker was closed with."""
        for attempt in self.attempts[registration_id]:
            if attempt.outcome == BOOKED and attempt.booking_number is not None:
                return BookedMarker(
                    booking_number=attempt.booking_number, send_at=attempt.marker.send_at
                )
        return None

    def close_markers(self, registration_id: UUID, outcome: str, **known: str | None) -> list[int]:
        """Close every open marker alike; answers with their fences."""
        closed = [marker.fence for marker in self.open_markers(registration_id)]
        for fence in closed:
            self.close_marker(registration_id, fence, outcome, **known)
        return closed

    def close_marker(
        self, registration_id: UUID, fence: int, outcome: str, **known: str | None
    ) -> None:
        """Close the marker of that fence; `known` are a booking number and evidence, where any."""
        attempts = self.attempts[registration_id]
        told = {name: value for name, value in known.items() if value is not None}
        attempts[fence - 1] = attempts[fence - 1].model_copy(
            update={"outcome": outcome, "closed_at": self.now(), **told}
        )

    def tell(
        self, registration_id: UUID, kind: NotificationKind, facts: dict[str, str] | None = None
    ) -> None:
        """Put a notification in the outbox; none to somebody who is erased."""
        if self.is_erased(self.row(registration_id).user_id):
            return
        letters = [letter.notification for letter in self.outbox.values()]
        told = [(one.registration_id, one.kind) for one in letters].count((registration_id, kind))
        notification = Notification(
            id=uuid4(),
            registration_id=registration_id,
            kind=kind,
            period=str(told + 1),
            facts=facts or {},
        )
        self.outbox[notification.id] = OutboxRow(notification=notification, created_at=self.now())
