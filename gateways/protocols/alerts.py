"""Alerts, as the database keeps them."""

from typing import Protocol

from domain.alerts import Alert, NewAlert


class AlertRecords(Protocol):
    """What an operator must be told."""

    async def raise_alert(self, alert: NewAlert) -> Alert:
        """Raise it; one that is open under its key is counted once more instead.

        Raises:
            RecordMissing: there is no such registration.
        """
        ...

    async def open_alerts(self, limit: int) -> list[Alert]:
        """Those not settled, oldest first."""
        ...

    async def settle_alert(self, key: str) -> Alert | None:
        """It was dealt with; None where none is open under that key."""
        ...
