from datetime import datetime

from pydantic import TypeAdapter

from domain.pacing import Pause
from gateways.supabase_records.client import DataApiClient

_SHARING = TypeAdapter(int)
_PAUSE = TypeAdapter(Pause)
_PERHAPS_PAUSE = TypeAdapter[Pause | None](Pause | None)


class Paces(DataApiClient):
    """What the registrations of one instant, or of one account, know of each other."""

    async def sharing(self, scheduled_time: datetime) -> int:
        return await self._call("sharing", _SHARING, scheduled_time=scheduled_time)

    async def pause_account(self, provider: str, org_ref: str, pause: Pause) -> Pause:
        return await self._call(
            "pause_account", _PAUSE, provider=provider, org_ref=org_ref, pause=pause
        )

    async def account_pause(self, provider: str, org_ref: str) -> Pause | None:
        return await self._call("account_pause", _PERHAPS_PAUSE, provider=provider, org_ref=org_ref)
