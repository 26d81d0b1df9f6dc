from collections import Counter
from datetime import timedelta

from domain.figures import LIVE, OPEN_FEES, OVERDUE_AFTER, SOON, ServiceFigures
from domain.states import UNDER_WAY
from gateways.fakes.records.tables import Tables


class Figures(Tables):
    """How much of everything is open."""

    async def service_figures(
        self, soon: timedelta = SOON, late: timedelta = OVERDUE_AFTER
    ) -> ServiceFigures:
        now, rows = self.now(), self.rows.values()
        openings = [row.scheduled_time for row in rows if row.status in UNDER_WAY]
        letters = self.outbox.values()
        return ServiceFigures(
            at=now,
            registrations=Counter(row.status for row in rows if row.status in LIVE),
            fees_open=Counter(row.fee_status for row in rows if row.fee_status in OPEN_FEES),
            opening_soon=sum(now <= opening <= now + soon for opening in openings),
            overdue=sum(opening < now - late for opening in openings),
            alerts_open=sum(alert.settled_at is None for alert in self.alerts),
            letters_waiting=sum(row.sent_at is None and row.refusal is None for row in letters),
        )
