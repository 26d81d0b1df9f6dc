from datetime import datetime

from pydantic import TypeAdapter

from domain.alerts import Alert, NewAlert
from gateways.supabase_records.client import DataApiClient

_ALERT = TypeAdapter(Alert)
_ALERTS = TypeAdapter(list[Alert])
_PERHAPS_ALERT = TypeAdapter[Alert | None](Alert | None)


class Alerts(DataApiClient):
    """What an operator must be told."""

    async def raise_alert(
        self, alert: NewAlert, *, unless_settled_since: datetime | None = None
    ) -> Alert:
        return await self._call(
            "raise_alert", _ALERT, alert=alert, unless_settled_since=unless_settled_since
        )

    async def open_alerts(self, limit: int) -> list[Alert]:
        return await self._call("open_alerts", _ALERTS, limit=limit)

    async def settle_alert(self, key: str) -> Alert | None:
        return await self._call("settle_alert", _PERHAPS_ALERT, key=key)
