"""Telling the parent of a registration what the outbox holds for them."""

from uuid import UUID

from temporalio import activity

from activities.delivery import Delivery, claimer
from activities.failures import as_failure
from activities.fee_links import FeeLinks
from activities.heartbeat import heartbeating
from activities.receipts_first import ReceiptsFirst
from domain.contracts import TellOrder, TellReport
from domain.errors import MailUndelivered, OutsideError
from domain.outbox import CLAIMED_FOR, Refusal
from gateways import Mail, Records


class Telling:
    """The letters of one registration, at once."""

    def __init__(
        self,
        records: Records,
        mail: Mail,
        links: FeeLinks | None = None,
        first: ReceiptsFirst | None = None,
    ) -> None:
        """`links` as for `Delivery`. With `first` letters wait while many bookings are charged."""
        self._records = records
        self._delivery = Delivery(records, mail, links)
        self._first = first

    @activity.defn(name="tell_parent")
    async def tell_parent(self, order: TellOrder) -> TellReport:
        """Send what the outbox holds for this registration, oldest first.

        What somebody else is at, such as the sweep of letters, is left to them.
        """
        try:
            with heartbeating():
                if self._first is not None:
                    await self._first.done()
                return TellReport(sent=await self._deliver(order.registration_id))
        except OutsideError as error:
            raise as_failure(error) from error

    async def _deliver(self, registration_id: UUID) -> int:
        sent = 0
        for notification in await self._records.unsent(registration_id, claimer(), CLAIMED_FOR):
            dossier = await self._records.dossier(registration_id)
            if dossier.guardian is None:
                break
            try:
                await self._delivery.deliver(notification, dossier)
            except MailUndelivered as undelivered:
                if not undelivered.permanent:
                    raise
                # It holds up no later letter.
                activity.logger.warning("a letter was refused for good")
                code = dossier.registration.code
                await self._delivery.give_up(notification, code, Refusal.REFUSED)
                continue
            sent += 1
        return sent
