from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from domain.alerts import AlertKind, alert_key
from domain.errors import Conflict
from domain.frozen import Frozen
from domain.payments import NEVER_MADE, ChargeStatus
from domain.refunds import RefundStatus
from domain.registrations import Registration
from domain.states import UNDER_WAY, AuditKind, RegistrationStatus
from domain.sweeps import (
    BookingSweep,
    FeeSweep,
    Look,
    OpenFee,
    OpenFees,
    RunSweep,
    RunToCheck,
    Surplus,
)
from gateways.fakes.records.charges import UNPAID
from gateways.fakes.records.tables import Tables, utc_now

_ENDED = frozenset(
    {
        RegistrationStatus.COMPLETED,
        RegistrationStatus.FAILED,
        RegistrationStatus.CANCELLED,
        RegistrationStatus.NEEDS_REVIEW,
    }
)


class LookRow(Frozen):
    """How far the looks after a registration's last marker have come."""

    marked_at: datetime
    stage: int = 0
    done: bool = False
    not_before: datetime | None = None


class Sweeps(Tables):
    """What is looked at again, and how far that has come."""

    def __init__(self, now: Callable[[], datetime] = utc_now) -> None:
        super().__init__(now)
        self.looks: dict[UUID, LookRow] = {}
        self.runs_checked: dict[UUID, datetime] = {}
        self.fees_asked: dict[UUID, datetime] = {}

    async def due_looks(self, sweep: BookingSweep) -> tuple[Look, ...]:
        now = self.now()
        due = [
            look
            for row_id in list(self.attempts)
            if (look := self._due(row_id, sweep, now)) is not None
        ]
        due.sort(key=_longest_due)
        turns = Counter[tuple[str, str]]()
        chosen: list[Look] = []
        for look in due:
            turns[look.provider, look.org_ref] += 1
            if turns[look.provider, look.org_ref] <= sweep.per_account:
                chosen.append(look)
        return tuple(chosen[: sweep.limit])

    async def note_look(self, look: Look, put_off: timedelta | None = None) -> None:
        known = self._look_row(look.registration_id)
        if known is None or known.marked_at != look.marked_at:
            return
        if put_off is not None:
            changes: dict[str, object] = {"not_before": self.now() + put_off}
        else:
            stage, done = max(known.stage, look.stage), known.done or look.last
            changes = {"stage": stage, "done": done, "not_before": None}
        self.looks[look.registration_id] = known.model_copy(update=changes)

    async def noticed_look(
        self, provider: str, booking_number: str | None, reference: str | None
    ) -> Look | None:
        by_reference = [row for row in self.rows.values() if f"sa-{row.id}" == reference]
        by_receipt = [
            self.rows[row_id]
            for row_id, receipt in self.issued.items()
            if receipt.booking_number == booking_number and self.rows[row_id].provider == provider
        ]
        # A person may have given a booking of one registration's to another.
        ours = by_receipt or by_reference
        found = [row for row in ours if row.provider == provider]
        return self._look(found[0], None) if found else None

    async def note_surplus(
        self, registration_id: UUID, surplus: Surplus, operation_key: str
    ) -> None:
        row = self.row(registration_id)
        if self.operations.first(operation_key, "note_surplus", registration_id, bool):
            return
        booked = row.status in (RegistrationStatus.EXECUTING, RegistrationStatus.COMPLETED)
        marked = self.booked_marker(registration_id)
        recorded = row.booking_number or (marked.booking_number if marked else None)
        if booked and recorded in surplus.standing:
            raise Conflict("that booking is the recorded one")
        detail = {"status": row.status.value, **surplus.model_dump(mode="json")}
        self.record(registration_id, AuditKind.SURPLUS_FOUND, operation_key, detail)
        self.operations.keep(operation_key, "note_surplus", registration_id, answer=True)

    async def runs_to_check(self, sweep: RunSweep) -> tuple[RunToCheck, ...]:
        now = self.now()
        due = [row for row in self.rows.values() if self._to_check(row, sweep, now)]
        due.sort(key=lambda row: (*_first(self.runs_checked.get(row.id)), row.scheduled_time))
        return tuple(self._run_to_check(row) for row in due[: sweep.limit])

    async def note_runs_checked(self, registration_ids: Sequence[UUID]) -> None:
        self.runs_checked |= dict.fromkeys(registration_ids, self.now())

    async def open_fees(self, sweep: FeeSweep) -> OpenFees:
        now = self.now()
        completed = [r for r in self.rows.values() if r.status is RegistrationStatus.COMPLETED]
        due = [
            row
            for row in completed
            if row.fee_status in UNPAID and row.id in self.issued and self._ask(row, sweep, now)
        ]
        due.sort(key=lambda row: (*_first(self.fees_asked.get(row.id)), row.id))
        undecided = [
            (self.rows[row_id], charge.charge.first_sent_at)
            for row_id, charges in self.charges.items()
            for charge in charges
            if charge.status is ChargeStatus.FROZEN
            and charge.charge.first_sent_at <= now - sweep.undecided
        ]
        unmade = [
            (self.rows[row_id], charge.charge.first_sent_at)
            for row_id, charges in self.charges.items()
            for charge in charges
            if charge.decline_code == NEVER_MADE
            and sweep.undecided <= now - charge.charge.first_sent_at <= sweep.unmade_watched
        ]
        return OpenFees(
            unmade=tuple(_open(row, since) for row, since in unmade[: sweep.limit]),
            due=tuple(_open(row, self.issued[row.id].issued_at) for row in due[: sweep.limit]),
            undecided=tuple(_open(row, since) for row, since in undecided[: sweep.limit]),
            without_receipt=tuple(
                _open(row, row.confirmed_at or row.created_at)
                for row in completed
                if row.id not in self.issued
            )[: sweep.limit],
            refunds=tuple(
                _open(row, since) for row, since in self._pending_refunds(sweep, now)[: sweep.limit]
            ),
        )

    async def note_fees_asked(self, registration_ids: Sequence[UUID]) -> None:
        self.fees_asked |= dict.fromkeys(registration_ids, self.now())

    def _due(self, row_id: UUID, sweep: BookingSweep, now: datetime) -> Look | None:
        row, known = self.rows[row_id], self._look_row(row_id)
        if known is None or known.done or row.status not in _ENDED:
            return None
        if known.not_before is not None and known.not_before > now:
            return None
        over = [n for n, delay in enumerate(sweep.delays, 1) if known.marked_at + delay <= now]
        if not over or max(over) <= known.stage or self._opens_soon(row, sweep, now):
            return None
        look = self._look(row, known.marked_at)
        return look.model_copy(update={"stage": max(over), "last": max(over) == len(sweep.delays)})

    def _opens_soon(self, row: Registration, sweep: BookingSweep, now: datetime) -> bool:
        return any(
            abs(other.scheduled_time - now) <= sweep.away_from_openings
            for other in self.rows.values()
            if other.status in UNDER_WAY
            and (other.provider, other.org_ref) == (row.provider, row.org_ref)
        )

    def _look_row(self, row_id: UUID) -> LookRow | None:
        """What is known, begun anew where a marker changed since."""
        attempts = self.attempts.get(row_id)
        if not attempts:
            return None
        marked_at = max(one.closed_at or one.marker.opened_at for one in attempts)
        known = self.looks.get(row_id)
        return known if known and known.marked_at == marked_at else LookRow(marked_at=marked_at)

    def _look(self, row: Registration, marked_at: datetime | None) -> Look:
        opened = [one.marker.opened_at for one in self.attempts.get(row.id, [])]
        return Look(
            registration_id=row.id,
            provider=row.provider,
            org_ref=row.org_ref,
            since=min(opened, default=row.created_at),
            marked_at=marked_at,
        )

    def _run_to_check(self, row: Registration) -> RunToCheck:
        key = alert_key(AlertKind.RUN_MISSING, row.id)
        told = [alert for alert in self.alerts if alert.key == key]
        return RunToCheck(
            registration_id=row.id,
            code=row.code,
            status=row.status,
            scheduled_time=row.scheduled_time,
            alerted=any(alert.settled_at is None for alert in told),
            lost=len(told),
        )

    def _to_check(self, row: Registration, sweep: RunSweep, now: datetime) -> bool:
        confirmed_at = row.confirmed_at
        if row.status not in UNDER_WAY or not confirmed_at or confirmed_at > now - sweep.age:
            return False
        left = row.scheduled_time - now
        if left > sweep.near:
            every = sweep.far_every
        elif left > sweep.away_from_opening:
            every = sweep.near_every
        elif left > -sweep.away_from_opening:
            return False
        else:
            every = sweep.late_every
        checked = self.runs_checked.get(row.id)
        return checked is None or checked <= now - every

    def _pending_refunds(
        self, sweep: FeeSweep, now: datetime
    ) -> list[tuple[Registration, datetime]]:
        asked = self.fees_asked
        due = [
            (row, since)
            for row_id, since in self.refunds_settled.items()
            if (row := self.rows[row_id]).status is RegistrationStatus.CANCELLED
            and (outcome := self.refunds[row_id].outcome) is not None
            and _refund_due(outcome.status, since, asked.get(row_id), sweep, now)
        ]
        return sorted(due, key=lambda one: (*_first(asked.get(one[0].id)), one[0].id))

    def _ask(self, row: Registration, sweep: FeeSweep, now: datetime) -> bool:
        young = self.issued[row.id].issued_at > now - sweep.young
        asked = self.fees_asked.get(row.id)
        return asked is None or asked <= now - (sweep.young_every if young else sweep.every)


def _longest_due(look: Look) -> tuple[float, UUID]:
    return look.marked_at.timestamp() if look.marked_at else 0.0, look.registration_id


def _first(instant: datetime | None) -> tuple[bool, float]:
    """Orders those without an instant before all others."""
    return instant is not None, instant.timestamp() if instant else 0.0


def _refund_due(
    status: RefundStatus, since: datetime, asked: datetime | None, sweep: FeeSweep, now: datetime
) -> bool:
    if status is RefundStatus.PENDING:
        first, last, every = sweep.refund_pending, None, sweep.every
    elif status is RefundStatus.SUCCEEDED:
        first, last, every = sweep.watched_every, sweep.refund_watched, sweep.watched_every
    else:
        return False
    over = last is not None and since < now - last
    return since <= now - first and not over and (asked is None or asked <= now - every)


def _open(row: Registration, since: datetime) -> OpenFee:
    return OpenFee(registration_id=row.id, code=row.code, fee_status=row.fee_status, since=since)
