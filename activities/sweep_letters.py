"""Letters that did not go out at once, tried again."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from enum import StrEnum

from temporalio import activity

from activities.delivery import Delivery, claimer
from activities.failures import as_failure
from activities.heartbeat import UNHURRIED, heartbeating
from domain.errors import MailUndelivered, OutsideError
from domain.field_errors import FieldError
from domain.outbox import LetterReport, LetterSweep, Refusal, Undelivered
from domain.registrations import Notification
from gateways import Records

MOST_IN_VAIN = 3
"""So many letters in a row that were not taken: it is the mail server that takes none."""


class _Tried(StrEnum):
    """How one try ended."""

    SENT = "sent"
    PUT_OFF = "put_off"
    REFUSED = "refused"


class LetterSweeps:
    """Delivers what stayed in the outbox."""

    def __init__(self, records: Records, delivery: Delivery) -> None:
        self._records = records
        self._delivery = delivery

    @activity.defn(name="sweep_letters")
    async def sweep_letters(self, order: LetterSweep) -> LetterReport:
        """Try those whose turn it is. May be repeated: what a run claimed it may claim again, and
        a try in vain counts once.
        """
        try:
            with heartbeating(UNHURRIED):
                return await self._sweep(order)
        except OutsideError as error:
            raise as_failure(error) from error

    async def _sweep(self, order: LetterSweep) -> LetterReport:
        due = await self._records.undelivered_letters(order, claimer())
        return await self.deliver(due, order.pauses)

    async def deliver(
        self, letters: Iterable[Undelivered], pauses: Sequence[timedelta]
    ) -> LetterReport:
        """Try letters that were claimed here, as long as the mail server takes any.

        Args:
            letters: in this order.
            pauses: before each further try of one that was tried in vain.
        """
        own, tried = claimer(), list[_Tried]()
        for letter in letters:
            if tried[-MOST_IN_VAIN:] == [_Tried.PUT_OFF] * MOST_IN_VAIN:
                # The others were not tried: their claim runs out, and they come with a later run.
                break
            tried.append(await self._try(letter, pauses, own))
        return LetterReport(
            sent=tried.count(_Tried.SENT),
            put_off=tried.count(_Tried.PUT_OFF),
            refused=tried.count(_Tried.REFUSED),
        )

    async def _try(self, letter: Undelivered, pauses: Sequence[timedelta], own: str) -> _Tried:
        told = letter.notification
        try:
            await self._deliver(told)
        except (MailUndelivered, FieldError) as failure:
            # One family that cannot be read holds up no other's letters.
            activity.logger.warning("a letter was tried in vain: %s", failure)
            permanent = isinstance(failure, MailUndelivered) and failure.permanent
            if not permanent and letter.tries < len(pauses):
                await self._records.put_off_letter(told.id, own, pauses[letter.tries])
                return _Tried.PUT_OFF
            because = Refusal.REFUSED if permanent else Refusal.GIVEN_UP
            await self._delivery.give_up(told, letter.code, because)
            return _Tried.REFUSED
        return _Tried.SENT

    async def _deliver(self, told: Notification) -> None:
        dossier = await self._records.dossier(told.registration_id)
        if dossier.guardian is None:
            raise MailUndelivered("there is nobody to write to", permanent=False)
        await self._delivery.deliver(told, dossier)
