"""Alerts, as the database keeps them."""

from datetime import datetime
from typing import Protocol

from domain.alerts import Alert, NewAlert


class AlertRecords(Protocol):
    """What an operator must be told."""

    async def raise_alert(
        self, alert: NewAlert, *, unless_settled_since: datetime | None = None
    ) -> Alert:
        """Raise it; one that is open under its key is counted once more instead.

        A matter that an operator settled since that instant is let rest, and answered as it was.

        Raises:
            RecordMissing: there is no such registration.
        """
        ...

    async def open_alerts(self, limit: int) -> list[Alert]:
        """Those not settled, newest first."""
        ...

    async def settle_alert(self, key: str) -> Alert | None:
        """It was dealt with; None where none is open under that key."""
        ...
