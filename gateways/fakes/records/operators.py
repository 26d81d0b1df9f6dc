from datetime import timedelta
from uuid import UUID

from domain.ledger import Ledger, LedgerCharge, LedgerLetter, LedgerRefund
from domain.openings import NotedProblems, Opening, Openings
from domain.registrations import Registration
from domain.states import UNDER_WAY, AuditKind, RegistrationStatus
from gateways.fakes.records.attempts import attempt_record
from gateways.fakes.records.registrations import Registrations


class Operators(Registrations):
    """What an operator's look reads."""

    async def openings(self, within: timedelta, limit: int) -> Openings:
        now = self.now()
        coming = [row for row in self.rows.values() if now < row.scheduled_time <= now + within]
        under_way = [row for row in coming if row.status in UNDER_WAY]
        under_way.sort(
            key=lambda row: (row.scheduled_time, row.org_ref, self.places[row.id].ticket)
        )
        drafts = [
            row for row in coming if row.status is RegistrationStatus.DRAFT and row.lapses_at > now
        ]
        return Openings(
            at=now,
            openings=tuple([await self._opening(row) for row in under_way[:limit]]),
            more=max(0, len(under_way) - limit),
            drafts=len(drafts),
        )

    async def ledger(self, registration_id: UUID) -> Ledger:
        row = self.row(registration_id)
        gone = self.cancellations.get(row.id)
        return Ledger(
            attempts=tuple(map(attempt_record, self.attempts[row.id])),
            charges=tuple(
                LedgerCharge(
                    number=kept.charge.number,
                    amount=kept.charge.amount,
                    first_sent_at=kept.charge.first_sent_at,
                    status=kept.status,
                    settled_at=kept.settled_at,
                    decline_code=kept.decline_code,
                )
                for kept in self.charges[row.id]
            ),
            refund=self._refund(row.id),
            booking_gone_at=gone.booking_cancelled_at if gone else None,
            letters=tuple(
                LedgerLetter(
                    kind=kept.notification.kind,
                    period=kept.notification.period,
                    owed_at=kept.created_at,
                    sent_at=kept.sent_at,
                    refusal=kept.refusal,
                )
                for kept in self.outbox.values()
                if kept.notification.registration_id == row.id
            ),
            receipt=self.issued.get(row.id),
            reader=self.profiles[row.user_id].reader,
        )

    async def _opening(self, row: Registration) -> Opening:
        markers = self.open_markers(row.id)
        found = [event for event in self.trails[row.id] if event.kind is AuditKind.PROBLEM_FOUND]
        return Opening(
            agreement=await self.dossier(row.id),
            marker=markers[-1] if markers else None,
            noted=NotedProblems(at=found[-1].at, codes=tuple(found[-1].detail["codes"]))
            if found
            else None,
        )

    def _refund(self, registration_id: UUID) -> LedgerRefund | None:
        opened = self.refunds.get(registration_id)
        if opened is None or opened.refund is None:
            return None
        frozen, outcome = opened.refund, opened.outcome
        known = {"status": outcome.status, "failure_code": outcome.failure_code} if outcome else {}
        return LedgerRefund.model_validate(
            {
                **frozen.model_dump(include={"amount", "reason", "first_sent_at"}),
                "status": "frozen",
                "settled_at": self.refunds_settled.get(registration_id),
                **known,
            }
        )
