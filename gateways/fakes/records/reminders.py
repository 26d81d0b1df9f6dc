from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from domain.errors import RecordRejected
from domain.opening import zone
from domain.outbox import ReminderOrder, Undelivered
from domain.registrations import Notification, Registration
from domain.states import FeeStatus, NotificationKind, RegistrationStatus
from gateways.fakes.records.outbox import Outbox, opening_period
from gateways.fakes.records.outbox_row import OutboxRow

REMINDERS = {
    NotificationKind.OPENING_TOMORROW,
    NotificationKind.PROFILE_INCOMPLETE,
    NotificationKind.RECEIPT_FOLLOW_UP,
}
UNPAID = (FeeStatus.DUE, FeeStatus.REQUIRES_ACTION)
DAY = timedelta(days=1)

_Owed = tuple[UUID, NotificationKind, str]


class Reminders(Outbox):
    """What is due to be told at a time, rather than by a transition."""

    async def owe_reminders(self, order: ReminderOrder) -> int:
        if order.due is None:
            raise RecordRejected("invalid_order", "the order of reminders was not accepted")
        known = {
            (told.registration_id, told.kind, told.period)
            for told in (letter.notification for letter in self.outbox.values())
        }
        new = [owed for owed in self._reminders(order, order.due) if owed not in known]
        for registration_id, kind, period in new:
            told = Notification(
                id=uuid4(), registration_id=registration_id, kind=kind, period=period
            )
            self.outbox[told.id] = OutboxRow(notification=told, created_at=self.now())
        return len(new)

    async def reminders_to_send(
        self, order: ReminderOrder, claimer: str
    ) -> tuple[Undelivered, ...]:
        due = [
            letter
            for letter in self.waiting()
            if self.free_for(letter, claimer)
            and letter.tries == 0
            and _is_reminder(letter.notification)
            and self.timely(letter)
        ]
        return self._handed_out(due[: order.limit], claimer, order.claimed_for)

    def _reminders(self, order: ReminderOrder, due: datetime) -> Iterator[_Owed]:
        for row in self.rows.values():
            if self.is_erased(row.user_id):
                continue
            if self._opens_tomorrow(row, order, due):
                period = opening_period(row.scheduled_time)
                yield row.id, NotificationKind.OPENING_TOMORROW, period
            if self._lacks_a_card(row, order, due):
                yield row.id, NotificationKind.PROFILE_INCOMPLETE, "1"
            if self._to_be_followed_up(row, order, due):
                yield row.id, NotificationKind.RECEIPT_FOLLOW_UP, "1"
            unpaid_for = self._unpaid_for(row, order, due)
            if unpaid_for is not None:
                yield row.id, NotificationKind.FEE_DUE, f"day-{unpaid_for.days}"

    def _opens_tomorrow(self, row: Registration, order: ReminderOrder, due: datetime) -> bool:
        if row.status is not RegistrationStatus.PENDING or row.confirmed_at is None:
            return False
        place = zone(self.profiles[row.user_id].reader.time_zone or row.time_zone)
        days = row.scheduled_time.astimezone(place).date() - due.astimezone(place).date()
        return days == DAY and row.confirmed_at <= due - order.quiet

    def _lacks_a_card(self, row: Registration, order: ReminderOrder, due: datetime) -> bool:
        if row.status is not RegistrationStatus.DRAFT or row.lapses_at <= due:
            return False
        profile = self.profiles[row.user_id]
        usable = profile.card is not None and not profile.card.expired(due.astimezone(UTC).date())
        return profile.guardian is not None and not usable and row.created_at <= due - order.quiet

    def _to_be_followed_up(self, row: Registration, order: ReminderOrder, due: datetime) -> bool:
        receipt = self.issued.get(row.id)
        if receipt is None or row.status is not RegistrationStatus.COMPLETED:
            return False
        age = due - receipt.issued_at
        begins = self.programs[row.program_id].starts_at
        return begins > due and order.follow_up_after <= age < 2 * order.follow_up_after

    def _unpaid_for(
        self, row: Registration, order: ReminderOrder, due: datetime
    ) -> timedelta | None:
        receipt = self.issued.get(row.id)
        if receipt is None or row.status is not RegistrationStatus.COMPLETED:
            return None
        age = due - receipt.issued_at
        told_lately = any(
            letter.notification.registration_id == row.id
            and letter.notification.kind is NotificationKind.FEE_DUE
            and letter.created_at > due - 2 * order.quiet
            for letter in self.outbox.values()
        )
        if row.fee_status not in UNPAID or age >= order.fee_until or told_lately:
            return None
        return max((step for step in order.fee_after if step <= age), default=None)


def _is_reminder(told: Notification) -> bool:
    return told.kind in REMINDERS or (
        told.kind is NotificationKind.FEE_DUE and told.period.startswith("day-")
    )
