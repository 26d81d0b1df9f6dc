"""Everything that is looked at for what opens soon. Nothing is changed, charged or sent."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from console.doctor import bookeo, clocks, mandate_keys, pollers, temporal, work
from console.doctor.examination import examine
from console.doctor.findings import Finding, NotChecked, State
from console.doctor.once import Once
from console.doctor.patient import Patient, Program
from console.doors import Doors
from console.runs import Fit, Runs
from console.tomorrow.offers import Offers, look_at_offers
from console.tomorrow.readiness import Known, Readiness, readiness
from console.tomorrow.waiting_runs import fits
from domain.errors import RecordsError, WorkflowsUnreachable
from domain.openings import Openings
from domain.pacing import Pause
from gateways import Mandates, Records

MOST = 2_000
"""Registrations looked at one by one, soonest first; more than that are only counted."""

WITHIN = timedelta(seconds=10)
"""One answer from outside."""

T = TypeVar("T")

CHECKS = (
    *temporal.CHECKS[:1],
    *pollers.CHECKS,
    *work.CHECKS[:1],
    *mandate_keys.CHECKS[:1],
    *bookeo.CHECKS,
    *clocks.CHECKS,
)
"""The doctor's, as far as an opening depends on them."""

NEEDLESS = ("temporal.retention", "temporal.pollers.maintenance", "bookeo.programs.")
"""What they tell beside: no opening waits for it, or it is told of each registration."""


@dataclass(frozen=True)
class Survey:
    """What opens soon, and what was found."""

    openings: Openings
    each: tuple[Readiness, ...] = ()
    service: tuple[Finding, ...] = ()
    """Of what all of them need."""
    pauses: Mapping[tuple[str, str], Pause] = field(default_factory=dict[tuple[str, str], Pause])

    @property
    def ready(self) -> bool:
        """Whether nothing stands against anything, as far as could be told."""
        blocked = any(one.blocked for one in self.each)
        failed = any(finding.state is State.FAIL for finding in self.service)
        return not (blocked or failed or self.openings.more)


async def survey(doors: Doors, within: timedelta) -> Survey:
    """Look at all that opens within that time.

    Asks the database five questions, however many registrations there are, and one more for each
    key of mandates.

    Raises:
        RecordsError: the database does not answer.
    """
    async with AsyncExitStack() as stack:
        records = await stack.enter_async_context(doors.records())
        openings = await records.openings(within, MOST)
        if not openings.openings:
            return Survey(openings)
        agreements = [one.agreement for one in openings.openings]
        patient = Patient(doors, (Program.WORKER,), WITHIN, stack, about=agreements)
        service, mandates, offers, runs, pauses = await asyncio.gather(
            examine(patient, CHECKS),
            _mandates(patient),
            _offers(patient, openings),
            _runs(patient, openings, within),
            _pauses(records),
        )
    each = [
        readiness(
            one,
            Known(
                now=openings.at,
                mandates=mandates,
                look=offers.look(one.agreement),
                offer=offers.of(one.agreement),
                pause=pauses.get((one.agreement.account.provider, one.agreement.account.org_ref)),
                fit=None if runs is None else runs[one.agreement.registration.id],
            ),
        )
        for one in openings.openings
    ]
    return Survey(
        openings,
        tuple(each),
        tuple(one for one in service if not one.name.startswith(NEEDLESS)),
        pauses,
    )


async def _had(thing: Once[T]) -> T | None:
    """It, or None: why it is not to be had, the doctor's line tells."""
    try:
        return await thing.needed()
    except NotChecked:
        return None


async def _mandates(patient: Patient) -> Mandates | None:
    return await _had(patient.mandates)


async def _offers(patient: Patient, openings: Openings) -> Offers:
    looks = await _had(patient.accounts)
    return await look_at_offers(looks or (), [one.agreement for one in openings.openings])


async def _runs(
    patient: Patient, openings: Openings, within: timedelta
) -> Mapping[UUID, Fit] | None:
    client = await _had(patient.temporal)
    if client is None:
        return None
    rows = [one.agreement.registration for one in openings.openings]
    try:
        return await fits(Runs(client), rows, openings.at, openings.at + within)
    except WorkflowsUnreachable:
        return None


async def _pauses(records: Records) -> Mapping[tuple[str, str], Pause]:
    try:
        found = await records.account_pauses()
    except RecordsError:
        return {}
    return {(one.provider, one.org_ref): one.pause for one in found}
