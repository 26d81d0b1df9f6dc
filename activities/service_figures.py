"""The gauges of what stands open, kept fresh by whoever serves the recurring jobs."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import structlog
from temporalio.common import MetricMeter

from domain.errors import OutsideError
from domain.figures import LIVE, OPEN_FEES, ServiceFigures
from gateways import Records

log = structlog.stdlib.get_logger(__name__)

EVERY = timedelta(seconds=30)
"""Twice in the minute at which Prometheus usually asks; one cheap call each."""


class FiguresGauges:
    """What stands open in the database, as it was last read."""

    def __init__(self, meter: MetricMeter) -> None:
        self._read_at = meter.create_gauge_float(
            "service_figures_time_seconds",
            "Unix time at which the gauges of the database were last read.",
        )
        self._registrations = meter.create_gauge(
            "registrations_now", "Registrations in a state that something is to end."
        )
        self._fees = meter.create_gauge("fees_open_now", "Success fees that are not paid.")
        self._alerts = meter.create_gauge("alerts_open_now", "Alerts that nobody has settled.")
        self._soon = meter.create_gauge(
            "registrations_opening_soon", "Registrations under way that open within 15 minutes."
        )
        self._overdue = meter.create_gauge(
            "registrations_overdue", "Registrations under way 5 minutes past their opening."
        )
        self._letters = meter.create_gauge(
            "letters_waiting_now", "Letters neither sent nor given up."
        )

    def show(self, figures: ServiceFigures) -> None:
        """Show them: 0 for every state that nothing is in."""
        for status in LIVE:
            self._registrations.set(figures.registrations.get(status, 0), {"status": status.value})
        for fee in OPEN_FEES:
            self._fees.set(figures.fees_open.get(fee, 0), {"fee_status": fee.value})
        self._alerts.set(figures.alerts_open)
        self._soon.set(figures.opening_soon)
        self._overdue.set(figures.overdue)
        self._letters.set(figures.letters_waiting)
        self._read_at.set(figures.at.timestamp())


@asynccontextmanager
async def figures_shown(records: Records, meter: MetricMeter) -> AsyncGenerator[None]:
    """Read them now and then, and show what was read.

    What cannot be read stays as it was: `service_figures_time_seconds` tells its age.
    """
    showing = asyncio.create_task(_show(records, FiguresGauges(meter)))
    try:
        yield
    finally:
        showing.cancel()
        with suppress(asyncio.CancelledError):
            await showing


async def _show(records: Records, gauges: FiguresGauges) -> None:
    while True:
        try:
            gauges.show(await records.service_figures())
        except OutsideError as error:
            log.warning("service_figures_not_read", error=type(error).__name__)
        await asyncio.sleep(EVERY.total_seconds())
