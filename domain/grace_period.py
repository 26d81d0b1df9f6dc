"""The nightly look at the paid plan: the payloads of the job `grace_period`."""

from datetime import timedelta
from uuid import UUID

from pydantic import Field

from domain.frozen import Frozen
from domain.job_orders import EntityReport, JobOrder


class GraceCheck(JobOrder):
    """What is looked after although nobody tells of it."""

    stale: timedelta = timedelta(hours=6)
    """So long after a period or a page to subscribe on ended, Stripe has told what became of it."""
    limit: int = Field(default=1_000, ge=1, le=1_000)
    """Of each, at most; the next night comes to the others. A run has a workflow for every one."""


class UnendedGrace(Frozen):
    """A grace that is over, of an invoice that nobody has ended the recovery of."""

    invoice_id: str
    user_id: UUID


class Overlooked(Frozen):
    """What was found, longest overdue first."""

    graces: tuple[UnendedGrace, ...] = ()
    accounts: tuple[UUID, ...] = ()
    """Whose period, or page to subscribe on, is over without a word."""


class GraceReport(Frozen):
    """What came of it."""

    graces: EntityReport = EntityReport()
    """`left` are those whose run lives, and is late with them."""
    accounts: EntityReport = EntityReport()
