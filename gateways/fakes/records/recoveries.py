from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from domain.frozen import Frozen, Instant
from domain.grace_period import GraceCheck
from domain.payment_recovery import Ending, LetterClaim, LetterKind, LetterOrder, Recovery
from domain.subscriptions import GRANTING, Subscription
from gateways.fakes.records.subscriptions import Subscriptions
from gateways.fakes.records.tables import utc_now


class LetterRow(Frozen):
    """A letter about an invoice."""

    order: LetterOrder
    holder: str
    claimed_at: Instant
    done_at: Instant | None = None
    sent: bool = False


class Recoveries(Subscriptions):
    """Payments that failed: until when they are waited for, and how that ended."""

    def __init__(self, now: Callable[[], datetime] = utc_now) -> None:
        super().__init__(now)
        self.recoveries: dict[str, Recovery] = {}
        self.letters: dict[tuple[LetterKind, str], LetterRow] = {}

    async def subscription(self, user_id: UUID) -> Subscription:
        kept = await super().subscription(user_id)
        graces = [one.grace_ends_at for one in await self.open_recoveries(user_id)]
        return kept.model_copy(update={"grace_ends_at": min(graces, default=None)})

    async def open_recovery(self, recovery: Recovery) -> Recovery:
        self._profile(recovery.user_id)
        kept = self.recoveries.setdefault(recovery.invoice_id, recovery)
        if kept.ending is Ending.CANCELLED:
            kept = kept.model_copy(update={"ended_at": None, "ending": None})
            self.recoveries[recovery.invoice_id] = kept
        return kept

    async def end_recovery(self, invoice_id: str, ending: Ending) -> None:
        kept = self.recoveries.get(invoice_id)
        if kept is not None and kept.ended_at is None:
            ended = {"ended_at": self.now(), "ending": ending}
            self.recoveries[invoice_id] = kept.model_copy(update=ended)

    async def recovery(self, invoice_id: str) -> Recovery | None:
        return self.recoveries.get(invoice_id)

    async def open_recoveries(self, user_id: UUID) -> tuple[Recovery, ...]:
        every = self.recoveries.values()
        own = [one for one in every if one.user_id == user_id and one.ended_at is None]
        return tuple(sorted(own, key=lambda one: (one.owed_since, one.invoice_id)))

    async def claim_letter(self, order: LetterOrder, holder: str, lasts: timedelta) -> LetterClaim:
        self._profile(order.user_id)
        known = self.letters.get((order.letter, order.invoice_id))
        if known is not None and known.done_at is not None:
            return LetterClaim.DONE
        held = known is not None and known.claimed_at > self.now() - lasts
        if held and known is not None and known.holder != holder:
            return LetterClaim.ANOTHERS
        row = LetterRow(order=order, holder=holder, claimed_at=self.now())
        self.letters[order.letter, order.invoice_id] = row
        return LetterClaim.OURS

    async def letter_done(self, order: LetterOrder, *, sent: bool) -> None:
        row = self.letters.get((order.letter, order.invoice_id))
        if row is not None and row.done_at is None:
            done = {"done_at": self.now(), "sent": sent}
            self.letters[order.letter, order.invoice_id] = row.model_copy(update=done)

    async def recoveries_of(self, user_id: UUID) -> tuple[Recovery, ...]:
        own = [one for one in self.recoveries.values() if one.user_id == user_id]
        return tuple(sorted(own, key=lambda one: (one.owed_since, one.invoice_id)))

    async def overdue_recoveries(self, check: GraceCheck) -> tuple[Recovery, ...]:
        due = check.due or self.now()
        found = [
            one
            for one in self.recoveries.values()
            if one.ended_at is None and one.grace_ends_at <= due
        ]
        found.sort(key=lambda one: (one.grace_ends_at, one.invoice_id))
        return tuple(found[: check.limit])

    async def stale_subscriptions(self, check: GraceCheck) -> tuple[UUID, ...]:
        found: list[tuple[datetime, UUID]] = []
        for row in self.subscriptions.values():
            over = [
                instant
                for instant in (
                    row.current_period_end if row.status in GRANTING else None,
                    row.checkout_expires_at,
                )
                if instant is not None
            ]
            if over and min(over) <= (check.due or self.now()) - check.stale:
                found.append((min(over), row.user_id))
        return tuple(user_id for _, user_id in sorted(found)[: check.limit])
