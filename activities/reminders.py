"""What is due to be told at a time: owed once, then sent."""

from temporalio import activity

from activities.delivery import claimer
from activities.failures import as_failure
from activities.heartbeat import UNHURRIED, heartbeating
from activities.sweep_letters import MOST_IN_VAIN, LetterSweeps
from domain.errors import OutsideError
from domain.outbox import LetterReport, LetterSweep, ReminderOrder
from gateways import Records


class Reminders:
    """The letters that no transition owes.

    A row of the outbox keeps each letter's state: unique, claimed, and tried again by itself when
    it was not taken. So none needs a workflow of its own, and an activity that is cut off goes on
    with what is left.
    """

    def __init__(self, records: Records, letters: LetterSweeps) -> None:
        """`letters` delivers, as it does what stayed in the outbox."""
        self._records = records
        self._letters = letters

    @activity.defn(name="owe_reminders")
    async def owe_reminders(self, order: ReminderOrder) -> int:
        """Put in the outbox what is due as of the run's nominal time; how many were new.

        Repeated, also by another run of the same or the next day, it owes nothing twice.
        """
        try:
            with heartbeating(UNHURRIED):
                return await self._records.owe_reminders(order)
        except OutsideError as error:
            raise as_failure(error) from error

    @activity.defn(name="send_reminders")
    async def send_reminders(self, order: ReminderOrder) -> LetterReport:
        """Send those, page by page. What a mail server does not take is left to the sweep."""
        told = LetterReport()
        try:
            with heartbeating(UNHURRIED):
                while page := await self._records.reminders_to_send(order, claimer()):
                    came_of_it = await self._letters.deliver(page, LetterSweep().pauses)
                    told += came_of_it
                    if came_of_it.put_off >= MOST_IN_VAIN:
                        break
        except OutsideError as error:
            raise as_failure(error) from error
        return told
