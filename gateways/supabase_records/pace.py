from datetime import datetime

from pydantic import TypeAdapter

from domain.pacing import AccountPause, Pause
from gateways.supabase_records.client import DataApiClient

_SHARING = TypeAdapter(int)
_PAUSE = TypeAdapter(Pause)
_PAUSES = TypeAdapter(tuple[AccountPause, ...])


class Paces(DataApiClient):
    """What the registrations of one instant, or of one account, know of each other."""

    async def sharing(self, scheduled_time: datetime) -> int:
        return await self._call("sharing", _SHARING, scheduled_time=scheduled_time)

    async def pause_account(self, provider: str, org_ref: str, pause: Pause) -> Pause:
        return await self._call(
            "pause_account", _PAUSE, provider=provider, org_ref=org_ref, pause=pause
        )

    async def account_pauses(self) -> tuple[AccountPause, ...]:
        return await self._call("account_pauses", _PAUSES)
