"""Money that is not settled: runs are asked to look, refunds looked up, the forgotten told."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from temporalio import activity

from activities.clock import Clock
from activities.failures import as_failure
from activities.heartbeat import UNHURRIED, heartbeating
from activities.late_charges import LateCharges
from activities.late_refunds import LateRefunds
from activities.runs import Runs, RunState
from domain.alerts import AlertKind, NewAlert
from domain.errors import OutsideError, WorkflowsUnreachable
from domain.findings import new_alert
from domain.sweeps import FeeReport, FeeSweep, OpenFee
from gateways import Records

MOST_SILENT = 3
"""So many runs that give no answer: it is Temporal that does not."""


class FeeSweeps:
    """Looks at money that is not settled. Takes none itself."""

    def __init__(
        self,
        records: Records,
        runs: Runs,
        refunds: LateRefunds,
        charges: LateCharges,
        clock: Clock,
    ) -> None:
        self._records = records
        self._runs = runs
        self._refunds = refunds
        self._charges = charges
        self._clock = clock

    @activity.defn(name="sweep_fees")
    async def sweep_fees(self, order: FeeSweep) -> FeeReport:
        """Look at those whose turn it is. May be repeated: nothing is charged by asking."""
        try:
            with heartbeating(UNHURRIED):
                return await self._sweep(order)
        except OutsideError as error:
            raise as_failure(error) from error

    async def _sweep(self, order: FeeSweep) -> FeeReport:
        fees = await self._records.open_fees(order)
        asked, alerts = await self._ask(fees.due, order)
        for fee in fees.undecided:
            if await self._runs.of_fee(fee.registration_id) is not RunState.RUNNING:
                alerts.append((fee, _undecided(fee)))
        alerts += [(fee, _without_receipt(fee)) for fee in fees.without_receipt]
        for fee in fees.unmade:
            found = await self._charges.made_after_all(fee)
            alerts += [(fee, found)] if found is not None else []
        for fee, alert in alerts:
            # Until the money is settled it is met at every sweep; what an operator let go rests.
            await self._records.raise_alert(alert, unless_settled_since=fee.since)
        for fee in fees.refunds:
            found = await self._refunds.look_at(fee, self._clock.now(), order.settlement)
            alerts += [(fee, found)] if found is not None else []
        if fees.refunds:
            await self._records.note_fees_asked([fee.registration_id for fee in fees.refunds])
        return FeeReport(asked=asked, alerts=len(alerts))

    async def _ask(
        self, due: Sequence[OpenFee], order: FeeSweep
    ) -> tuple[int, list[tuple[OpenFee, NewAlert]]]:
        """How many runs were asked to look, and what is to be told of those that have none.

        Raises:
            WorkflowsUnreachable: Temporal answers nobody. A single run that takes no question
                keeps none of the others from being asked.
        """
        asked, alerts = 0, list[tuple[OpenFee, NewAlert]]()
        tried, silent = list[UUID](), list[WorkflowsUnreachable]()
        for fee in due:
            if len(silent) == MOST_SILENT:
                break
            tried.append(fee.registration_id)
            try:
                state = await self._runs.look_at_fee(fee.registration_id)
            except WorkflowsUnreachable as unreachable:
                silent.append(unreachable)
                continue
            if state is RunState.RUNNING:
                asked += 1
                continue
            alert = await self._charges.approved_unseen(fee)
            alert = alert or _of_nobody(fee, self._clock.now(), order)
            alerts += [(fee, alert)] if alert is not None else []
        if tried:
            # Also where it is given up: those that got no answer must not be the first again.
            await self._records.note_fees_asked(tried)
        if len(silent) == MOST_SILENT:
            raise silent[-1]
        return asked, alerts


def _of_nobody(fee: OpenFee, now: datetime, order: FeeSweep) -> NewAlert | None:
    """Of a fee whose run is gone; None while the parent may still settle it by themself."""
    if now < fee.since + order.settlement:
        return None
    sentence = (
        f"{fee.code}: the success fee is {fee.fee_status.value} since {fee.since:%Y-%m-%d}, and "
        "nothing tries it any more. The booking stands. Ask the parent, or let it go."
    )
    return new_alert(AlertKind.FEE_UNSETTLED, fee.registration_id, sentence)


def _undecided(fee: OpenFee) -> NewAlert:
    sentence = (
        f"{fee.code}: a charge was sent on {fee.since:%Y-%m-%d at %H:%M} UTC, its answer never "
        "arrived, and no workflow repeats it. Look in Stripe for a payment whose metadata names "
        f"registration {fee.registration_id}: if it was paid, the parent paid it."
    )
    return new_alert(
        AlertKind.FEE_UNSETTLED, fee.registration_id, sentence, matter="charge_undecided"
    )


def _without_receipt(fee: OpenFee) -> NewAlert:
    sentence = (
        f"{fee.code} is completed and has no receipt. One transaction writes both, so rows were "
        "removed or the database was restored in part: verify its audit trail, and restore."
    )
    return new_alert(
        AlertKind.FEE_UNSETTLED, fee.registration_id, sentence, matter="receipt_missing"
    )
