from datetime import datetime
from uuid import uuid4

from domain.alerts import Alert, NewAlert
from gateways.fakes.records.tables import Tables


class Alerts(Tables):
    """What an operator must be told."""

    async def raise_alert(
        self, alert: NewAlert, *, unless_settled_since: datetime | None = None
    ) -> Alert:
        if alert.registration_id is not None:
            self.row(alert.registration_id)
        settled = [
            known
            for known in self.alerts
            if known.key == alert.key
            and known.settled_at is not None
            and unless_settled_since is not None
            and known.settled_at >= unless_settled_since
        ]
        return settled[-1] if settled else self.raise_at_once(alert)

    async def open_alerts(self, limit: int) -> list[Alert]:
        newest_first = reversed(self.alerts)
        return [alert for alert in newest_first if alert.settled_at is None][: max(limit, 0)]

    async def settle_alert(self, key: str) -> Alert | None:
        return self.settle_at_once(key)

    def raise_at_once(self, alert: NewAlert) -> Alert:
        """As `raise_alert`, within a transition."""
        if alert.registration_id is not None:
            self.row(alert.registration_id)
        now = self.now()
        for place, known in enumerate(self.alerts):
            if known.key == alert.key and known.settled_at is None:
                again = {"times": known.times + 1, "last_raised_at": now}
                self.alerts[place] = known.model_copy(update={**again, "sentence": alert.sentence})
                return self.alerts[place]
        raised = Alert(**alert.model_dump(), id=uuid4(), raised_at=now, last_raised_at=now, times=1)
        self.alerts.append(raised)
        return raised

    def settle_at_once(self, key: str) -> Alert | None:
        """As `settle_alert`, within a transition."""
        for place, known in enumerate(self.alerts):
            if known.key == key and known.settled_at is None:
                self.alerts[place] = known.model_copy(update={"settled_at": self.now()})
                return self.alerts[place]
        return None
