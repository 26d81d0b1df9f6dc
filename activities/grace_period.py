"""What nobody tells of: graces that are over and have lost their run, and events that were lost."""

from temporalio import activity

from activities.failures import as_failure
from activities.heartbeat import UNHURRIED, heartbeating
from domain.errors import OutsideError
from domain.grace_period import GraceCheck, Overlooked, UnendedGrace
from gateways import Records


class GracePeriods:
    """What should have ended, or changed, by itself."""

    def __init__(self, records: Records) -> None:
        self._records = records

    @activity.defn(name="find_overlooked")
    async def find_overlooked(self, order: GraceCheck) -> Overlooked:
        """Graces over by the run's nominal time, and accounts that no word has come of since."""
        try:
            with heartbeating(UNHURRIED):
                overdue = await self._records.overdue_recoveries(order)
                return Overlooked(
                    graces=tuple(
                        UnendedGrace(invoice_id=one.invoice_id, user_id=one.user_id)
                        for one in overdue
                    ),
                    accounts=await self._records.stale_subscriptions(order),
                )
        except OutsideError as error:
            raise as_failure(error) from error
