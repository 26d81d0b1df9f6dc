from datetime import UTC, datetime
from uuid import UUID

from domain.cancellation import CancellationWish, CancelledBy, NewWish
from domain.errors import Conflict
from domain.states import NotificationKind, RegistrationStatus
from domain.sweeps import RunSweep
from gateways.fakes.records.tables import Tables

LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Wishes(Tables):
    """Wishes to give a booking back."""

    async def keep_wish(self, wish: NewWish) -> None:
        row = self.row(wish.registration_id)
        if row.status is not RegistrationStatus.COMPLETED:
            raise Conflict(f"the registration is {row.status.value}")
        kept = CancellationWish(**wish.model_dump(), asked_at=self.now())
        first = self.wishes.get(row.id)
        supposed = first is not None and first.by is CancelledBy.PROVIDER
        replaces = supposed and wish.by is not CancelledBy.PROVIDER
        if first is None or (replaces and row.id not in self.cancellations):
            self.wishes[row.id] = kept
            self.wishes_checked.pop(row.id, None)

    async def drop_wish(self, registration_id: UUID, message: str | None = None) -> None:
        if self.row(registration_id).id in self.cancellations:
            return
        dropped = self.wishes.pop(registration_id, None)
        self.wishes_checked.pop(registration_id, None)
        if dropped is not None and dropped.by is CancelledBy.PARENT and message is not None:
            self.tell(registration_id, NotificationKind.NOT_GIVEN_BACK, {"message": message})

    async def cancellation_wish(self, registration_id: UUID) -> CancellationWish | None:
        return self.wishes.get(registration_id)

    async def wishes_to_check(self, sweep: RunSweep) -> tuple[CancellationWish, ...]:
        now = self.now()
        due = [wish for wish in self.wishes.values() if self._wish_due(wish, sweep, now)]
        due.sort(key=lambda wish: self.wishes_checked.get(wish.registration_id, LONG_AGO))
        due = due[: sweep.limit]
        self.wishes_checked |= dict.fromkeys([wish.registration_id for wish in due], now)
        return tuple(sorted(due, key=lambda wish: wish.asked_at))

    def _wish_due(self, wish: CancellationWish, sweep: RunSweep, now: datetime) -> bool:
        checked = self.wishes_checked.get(wish.registration_id)
        return (
            self.rows[wish.registration_id].status is RegistrationStatus.COMPLETED
            and wish.asked_at <= now - sweep.wish_age
            and (checked is None or checked <= now - sweep.wish_every)
        )
