"""One letter on its way: composed as things stand when it is sent, and never carried."""

from temporalio import activity

from activities.fee_links import FeeLinks
from domain.errors import MailUndelivered
from domain.findings import letter_undelivered
from domain.letters import compose
from domain.mail import Letter
from domain.outbox import Refusal
from domain.registrations import Dossier, Notification
from domain.states import NotificationKind
from gateways import Mail, Records


class Delivery:
    """The way from the outbox to the parent. Whoever takes it has claimed the letter."""

    def __init__(self, records: Records, mail: Mail, links: FeeLinks | None = None) -> None:
        """Without `links` a letter about a fee or a card leads nowhere but to the chat."""
        self._records = records
        self._mail = mail
        self._links = links

    async def deliver(self, notification: Notification, dossier: Dossier) -> None:
        """Send it, and mark it sent. It may go out twice when the mark is lost; its Message-ID is
        then the same.

        Raises:
            MailUndelivered: the mail server did not take it.
            ValueError: there is nobody to write to.
        """
        if await self._is_worth_sending(notification, dossier):
            link = await self._link(notification, dossier)
            await self._mail.send(compose(notification, dossier, link))
        await self._records.mark_sent(notification.id)

    async def give_up(self, notification: Notification, code: str, because: Refusal) -> None:
        """It is sent no more, and an operator is told."""
        await self._records.refuse_letter(notification.id, because)
        await self._records.raise_alert(letter_undelivered(notification, code, because))

    async def _is_worth_sending(self, notification: Notification, dossier: Dossier) -> bool:
        """Not, where the card that is missing was saved on its page, and nobody had looked yet."""
        if notification.kind is not NotificationKind.PROFILE_INCOMPLETE or self._links is None:
            return True
        return not await self._links.has_card(dossier.registration.user_id)

    async def _link(self, notification: Notification, dossier: Dossier) -> str | None:
        if self._links is None:
            return None
        match notification.kind:
            case NotificationKind.FEE_DUE:
                return await self._links.for_letter(dossier.registration)
            case NotificationKind.PROFILE_INCOMPLETE:
                return await self._links.card_page(dossier.registration.user_id)
            case _:
                return None


async def taken(mail: Mail, letter: Letter) -> bool:
    """Send a letter that the outbox does not hold: whether it was taken, or refused for good.

    Raises:
        MailUndelivered: it may be tried again.
    """
    try:
        await mail.send(letter)
    except MailUndelivered as undelivered:
        if not undelivered.permanent:
            raise
        activity.logger.warning("a letter was refused for good")
        return False
    return True


def claimer() -> str:
    """In whose name the activity at work claims letters: its workflow's.

    A run of a job is named by its nominal time, so another run is another claimer.
    """
    return str(activity.info().workflow_id)
