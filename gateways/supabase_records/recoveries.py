from datetime import timedelta
from uuid import UUID

from pydantic import TypeAdapter

from domain.grace_period import GraceCheck
from domain.payment_recovery import Ending, LetterClaim, LetterOrder, Recovery
from gateways.supabase_records.client import ANY, DataApiClient

_RECOVERY = TypeAdapter(Recovery)
_PERHAPS_RECOVERY = TypeAdapter[Recovery | None](Recovery | None)
_RECOVERIES = TypeAdapter(tuple[Recovery, ...])
_LETTER_CLAIM = TypeAdapter(LetterClaim)
_USER_IDS = TypeAdapter(tuple[UUID, ...])


class Recoveries(DataApiClient):
    """Payments that failed: until when they are waited for, and how that ended."""

    async def open_recovery(self, recovery: Recovery) -> Recovery:
        return await self._call("open_recovery", _RECOVERY, recovery=recovery)

    async def end_recovery(self, invoice_id: str, ending: Ending) -> None:
        await self._call("end_recovery", ANY, invoice_id=invoice_id, ending=ending)

    async def recovery(self, invoice_id: str) -> Recovery | None:
        return await self._call("get_recovery", _PERHAPS_RECOVERY, invoice_id=invoice_id)

    async def open_recoveries(self, user_id: UUID) -> tuple[Recovery, ...]:
        return await self._call("open_recoveries", _RECOVERIES, user_id=user_id)

    async def claim_letter(self, order: LetterOrder, holder: str, lasts: timedelta) -> LetterClaim:
        return await self._call(
            "claim_letter", _LETTER_CLAIM, order=order, holder=holder, lasts=lasts
        )

    async def letter_done(self, order: LetterOrder, *, sent: bool) -> None:
        await self._call("letter_done", ANY, order=order, sent=sent)

    async def recoveries_of(self, user_id: UUID) -> tuple[Recovery, ...]:
        return await self._call("recoveries_of", _RECOVERIES, user_id=user_id)

    async def overdue_recoveries(self, check: GraceCheck) -> tuple[Recovery, ...]:
        return await self._call("overdue_recoveries", _RECOVERIES, check=check)

    async def stale_subscriptions(self, check: GraceCheck) -> tuple[UUID, ...]:
        return await self._call("stale_subscriptions", _USER_IDS, check=check)
