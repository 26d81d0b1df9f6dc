"""Delivering the outbox: letters are composed when they are sent, never carried."""

from uuid import UUID

from temporalio import activity

from activities.failures import as_failure
from activities.fee_links import FeeLinks
from activities.heartbeat import heartbeating
from activities.receipts_first import ReceiptsFirst
from domain.contracts import TellOrder, TellReport
from domain.errors import MailUndelivered, OutsideError
from domain.letters import compose
from domain.registrations import Dossier, Notification
from domain.states import NotificationKind
from gateways import Mail, Records


class Telling:
    """The way from the outbox to the parent."""

    def __init__(
        self,
        records: Records,
        mail: Mail,
        links: FeeLinks | None = None,
        first: ReceiptsFirst | None = None,
    ) -> None:
        """Without `links` a letter about an unpaid fee leads nowhere but to the chat.

        With `first` letters wait while very many bookings are charged.
        """
        self._records = records
        self._mail = mail
        self._links = links
        self._first = first

    @activity.defn(name="tell_parent")
    async def tell_parent(self, order: TellOrder) -> TellReport:
        """Send what the outbox holds for this registration, oldest first.

        A letter may go out twice when the mark is lost; its Message-ID is then the same.
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
        for notification in await self._records.unsent(registration_id):
            dossier = await self._records.dossier(registration_id)
            if dossier.guardian is None:
                break
            try:
                link = await self._link(notification, dossier)
                await self._mail.send(compose(notification, dossier, link))
            except MailUndelivered as undelivered:
                if not undelivered.permanent:
                    raise
                # It stays in the outbox, but holds up no later letter.
                activity.logger.warning("a letter was refused for good")
                continue
            await self._records.mark_sent(notification.id)
            sent += 1
        return sent

    async def _link(self, notification: Notification, dossier: Dossier) -> str | None:
        if notification.kind is not NotificationKind.FEE_DUE or self._links is None:
            return None
        return await self._links.for_letter(dossier.registration)
