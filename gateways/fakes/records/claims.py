from datetime import datetime

from domain.contracts import Claim, ClaimOrder
from domain.errors import RecordMissing
from domain.pacing import AccountPause, Pause
from domain.registrations import Registration
from domain.states import UNDER_WAY, AuditKind, RegistrationStatus
from gateways.fakes.records.chain import instant_text
from gateways.fakes.records.queue import (
    LOOKS_BACK,
    AccountClock,
    Turn,
    rank_behind,
    send_time,
)
from gateways.fakes.records.tables import Tables


class Claims(Tables):
    """Whose turn it is, and how long an account is left alone."""

    async def claim(self, order: ClaimOrder) -> Claim:
        self.row(order.registration_id)
        if first := self.operations.first(
            order.operation_key, "claim", order.registration_id, Claim
        ):
            return first
        row = self.expect(order.registration_id, order.expected_version, RegistrationStatus.PENDING)
        self.expect_bookings_open()
        queue = self.queue_of(row)
        rank = rank_behind([self.places[other.id] for other in queue[: queue.index(row)]])
        send_at = self._send_time(row)
        pause = self.pauses.get((row.provider, row.org_ref))
        self.places[row.id] = self.places[row.id].model_copy(
            update={"rank": rank, "pause_reckoned": pause.until if pause else None}
        )
        standing = self.move(
            row,
            AuditKind.CLAIMED,
            order.operation_key,
            {"send_at": instant_text(send_at), "rank": rank},
            status=RegistrationStatus.EXECUTING,
            send_at=send_at,
        )
        claim = Claim(
            standing=standing,
            send_at=send_at,
            rank=rank,
            sharing=len(queue),
            pause_reckoned=pause.until if pause else None,
        )
        return self.operations.keep(order.operation_key, "claim", row.id, claim)

    async def sharing(self, scheduled_time: datetime) -> int:
        return sum(
            row.status in UNDER_WAY and row.scheduled_time == scheduled_time
            for row in self.rows.values()
        )

    async def pause_account(self, provider: str, org_ref: str, pause: Pause) -> Pause:
        if (provider, org_ref) not in self.accounts:
            raise RecordMissing("there is no such provider account")
        if running := self._running(provider, org_ref):
            pause = running.widened(pause)
        self.pauses[provider, org_ref] = pause
        return pause

    async def account_pauses(self) -> tuple[AccountPause, ...]:
        return tuple(
            AccountPause(provider=provider, org_ref=org_ref, pause=pause)
            for (provider, org_ref), pause in sorted(self.pauses.items())
            if pause.until > self.now() - LOOKS_BACK
        )

    def _running(self, provider: str, org_ref: str) -> Pause | None:
        pause = self.pauses.get((provider, org_ref))
        return pause if pause and pause.until > self.now() else None

    def _send_time(self, row: Registration) -> datetime:
        account = (row.provider, row.org_ref)
        clock = AccountClock(self.pauses.get(account), row.scheduled_time, self.now())
        turns = {
            other.id: Turn(other.scheduled_time, place.ticket, clock.counted(other, place))
            for other in self.rows.values()
            if (other.provider, other.org_ref) == account
            and (place := self.places.get(other.id))
            and self._counts(other, row, clock.now)
        }
        return send_time(row, turns, self.accounts[account].pace, clock)

    def _counts(self, other: Registration, row: Registration, now: datetime) -> bool:
        before = row.scheduled_time - LOOKS_BACK < other.scheduled_time <= row.scheduled_time
        sent = other.send_at is not None and other.send_at > now - LOOKS_BACK
        return sent or (before and other.status in UNDER_WAY)
