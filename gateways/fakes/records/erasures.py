from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from domain.alerts import Alert
from domain.erasures import (
    ERASED_WORDS,
    Erasure,
    ErasureCase,
    ErasureLetter,
    Hindrance,
    PlannedOpening,
    WaitsFor,
)
from domain.errors import Conflict, RecordMissing
from domain.family import Profile
from domain.payments import ChargeStatus
from domain.refunds import RefundStatus
from domain.registrations import Registration
from domain.states import UNDER_WAY, AuditKind, FeeStatus, RegistrationStatus
from gateways.fakes.records.sweeps import Sweeps

FEE_WAITED_FOR = timedelta(days=31)
LOOKED_AT_FOR = timedelta(hours=36)

_UNDECIDED = {ChargeStatus.FROZEN, ChargeStatus.REQUIRES_ACTION}
_ENDED = {RegistrationStatus.COMPLETED, RegistrationStatus.FAILED, RegistrationStatus.CANCELLED}


class Erasures(Sweeps):
    """Accounts to be deleted."""

    async def erasure_case(self, user_id: UUID) -> ErasureCase:
        self._known(user_id)
        under_way = [row for row in self._own(user_id) if row.status in UNDER_WAY]
        return ErasureCase(
            erasure=self.erasures.get(user_id),
            under_way=tuple(
                PlannedOpening(
                    registration_id=row.id, code=row.code, scheduled_time=row.scheduled_time
                )
                for row in sorted(under_way, key=lambda row: row.scheduled_time)
            ),
            waits_for=tuple(self._hindrances(user_id)),
        )

    async def ask_erasure(self, user_id: UUID, grace: timedelta) -> Erasure:
        self._known(user_id)
        kept, now = self.erasures.get(user_id), self.now()
        if kept is not None and kept.began_at is not None:
            raise RecordMissing("there is no such user")
        if kept is not None and kept.open:
            return kept
        if any(row.scheduled_time > now + grace for row in self._own(user_id) if _live(row)):
            raise Conflict("a registration opens after that")
        self.erasures[user_id] = Erasure(user_id=user_id, asked_at=now, due_at=now + grace)
        return self.erasures[user_id]

    async def withdraw_erasure(self, user_id: UUID) -> Erasure:
        self._known(user_id)
        kept = self._wish(user_id)
        if kept.began_at is not None:
            raise RecordMissing("there is no such wish")
        return self._note(user_id, withdrawn_at=kept.withdrawn_at or self.now())

    async def due_erasures(self, at: datetime, limit: int) -> tuple[UUID, ...]:
        due = [
            one
            for one in self.erasures.values()
            if one.due_at <= at and one.withdrawn_at is None and one.erased_at is None
        ]
        return tuple(one.user_id for one in sorted(due, key=lambda one: one.due_at)[:limit])

    async def begin_erasure(self, user_id: UUID) -> Erasure:
        self._known(user_id)
        kept = self._wish(user_id)
        if kept.began_at is not None:
            return kept
        if kept.withdrawn_at is not None or kept.due_at > self.now():
            raise Conflict("the account is not to be deleted now")
        if any(self._hindrances(user_id)):
            raise Conflict("a registration of the account has to end first")
        self._shut(user_id)
        return self._note(user_id, began_at=self.now())

    async def erase_rows(self, user_id: UUID) -> Erasure:
        kept = self._wish(user_id)
        if kept.began_at is None:
            raise Conflict("the erasure has not begun")
        if kept.rows_erased_at is not None:
            return kept
        own = self._own(user_id)
        for row in own:
            if row.status not in _ENDED:
                key = f"registration-{row.id}/erase/{row.version}"
                detail = {"from": row.status.value, "by": "erasure"}
                cancelled = RegistrationStatus.CANCELLED
                self.move(row, AuditKind.CANCELLED, key, detail, status=cancelled)
        ids = {row.id for row in own}
        for registration_id in ids:
            self._erase_about(registration_id)
        self.outbox = {
            key: letter
            for key, letter in self.outbox.items()
            if letter.notification.registration_id not in ids
        }
        self.alerts = [self._settled(alert, ids) for alert in self.alerts]
        self._shut(user_id)
        self.family.pop(user_id, None)
        guardian = self.profiles[user_id].guardian
        self.profiles[user_id] = Profile(user_id=user_id, guardian=guardian)
        return self._note(user_id, rows_erased_at=self.now())

    async def note_erasure_told(self, user_id: UUID, letter: ErasureLetter) -> None:
        kept = self._wish(user_id)
        told = "asked_told_at" if letter is ErasureLetter.ASKED else "erased_told_at"
        self._note(user_id, **{told: getattr(kept, told) or self.now()})

    async def finish_erasure(self, user_id: UUID) -> Erasure:
        kept = self._wish(user_id)
        if kept.rows_erased_at is None:
            raise Conflict("the rows are not erased yet")
        self.profiles[user_id] = Profile(user_id=user_id)
        return self._note(user_id, erased_at=kept.erased_at or self.now())

    async def reapply_erasure(self, erasure: Erasure) -> Erasure | None:
        user_id = erasure.user_id
        if user_id not in self.profiles:
            return None
        kept = self.erasures.get(user_id)
        if kept is None or (kept.began_at is None and kept.asked_at <= erasure.asked_at):
            undone = {"rows_erased_at": None, "erased_at": None}
            self.erasures[user_id] = erasure.model_copy(update=undone)
        if self.erasures[user_id].began_at is not None:
            self._shut(user_id)
        if erasure.erased_at is not None:
            await self.erase_rows(user_id)
            await self.finish_erasure(user_id)
        return self.erasures[user_id]

    def _erase_about(self, registration_id: UUID) -> None:
        row = self.rows[registration_id]
        self.rows[registration_id] = row.model_copy(
            update={"summary": ERASED_WORDS, "error_message": None}
        )
        look = self._look_row(registration_id)
        if look is not None:
            self.looks[registration_id] = look.model_copy(update={"done": True})
        unsaid = {"evidence": None, "armed_by": None, "requests": ()}
        self.attempts[registration_id] = [
            attempt.model_copy(update=unsaid) for attempt in self.attempts[registration_id]
        ]
        self.wishes.pop(registration_id, None)
        case = self.reviews.get(registration_id)
        if case is not None:
            self.reviews[registration_id] = case.model_copy(update={"evidence": None})
        self.operations.forget(registration_id)

    def _settled(self, alert: Alert, ids: set[UUID]) -> Alert:
        if alert.registration_id not in ids or alert.settled_at is not None:
            return alert
        return alert.model_copy(update={"settled_at": self.now()})

    def _shut(self, user_id: UUID) -> None:
        self.identities = {who: known for who, known in self.identities.items() if known != user_id}

    def _hindrances(self, user_id: UUID) -> Iterator[WaitsFor]:
        for row in self._own(user_id):
            because = self._hindrance(row)
            if because is not None:
                yield WaitsFor(registration_id=row.id, code=row.code, because=because)

    def _hindrance(self, row: Registration) -> Hindrance | None:
        now, receipt = self.now(), self.issued.get(row.id)
        refund, look = self.refunds.get(row.id), self._look_row(row.id)
        standing = {
            Hindrance.UNDER_WAY: row.status in UNDER_WAY,
            Hindrance.UNDER_REVIEW: row.status is RegistrationStatus.NEEDS_REVIEW,
            Hindrance.CHARGE_UNDECIDED: any(
                charge.status in _UNDECIDED for charge in self.charges[row.id]
            ),
            Hindrance.FEE_DUE: row.fee_status in {FeeStatus.DUE, FeeStatus.REQUIRES_ACTION}
            and receipt is not None
            and receipt.issued_at > now - FEE_WAITED_FOR,
            Hindrance.REFUND_UNSETTLED: refund is not None
            and (refund.outcome is None or refund.outcome.status is RefundStatus.PENDING),
            Hindrance.CANCELLATION_OPEN: row.status is RegistrationStatus.COMPLETED
            and row.id in self.wishes,
            Hindrance.LOOKED_AT_AGAIN: look is not None
            and not look.done
            and look.marked_at > now - LOOKED_AT_FOR,
        }
        return next((hindrance for hindrance, holds in standing.items() if holds), None)

    def _own(self, user_id: UUID) -> list[Registration]:
        own = [row for row in self.rows.values() if row.user_id == user_id]
        return sorted(own, key=lambda row: row.created_at)

    def _known(self, user_id: UUID) -> None:
        if user_id not in self.profiles:
            raise RecordMissing("there is no such user")

    def _wish(self, user_id: UUID) -> Erasure:
        if user_id not in self.erasures:
            raise RecordMissing("there is no such wish")
        return self.erasures[user_id]

    def _note(self, user_id: UUID, **instants: datetime | None) -> Erasure:
        self.erasures[user_id] = self._wish(user_id).model_copy(update=instants)
        return self.erasures[user_id]


def _live(row: Registration) -> bool:
    return row.status in UNDER_WAY
