"""Moving a registration's opening, and with it the end of the permission."""

from activities.clock import Clock
from activities.permission import Permission
from domain.contracts import ChangeAnswer, RescheduleOrder
from domain.errors import MandateKeyUnknown
from domain.mandates import lasting_until
from domain.refusals import Reason
from gateways import Mandates, Records

NOT_SIGNED_NOW = Reason(
    code="mandate_unverifiable",
    sentence="We cannot check your permission just now, so nothing was moved. Try again later.",
)


class Rescheduling:
    """The permission lasts as long past the new opening as past the old one, and is signed anew."""

    def __init__(self, records: Records, mandates: Mandates, clock: Clock) -> None:
        self._records = records
        self._mandates = mandates
        self._permission = Permission(mandates, clock)

    async def moved(self, order: RescheduleOrder) -> ChangeAnswer:
        """Where the registration stands then, or why its permission is not signed anew.

        Only one that we signed is: else a move would put our signature under what was altered.

        Raises:
            Conflict: it is too late.
            OutsideError: as the gateways say.
        """
        agreement = await self._records.agreement(order.registration_id)
        row, mandate = agreement.registration, agreement.mandate
        if mandate is None or row.version != order.expected_version:
            # A repeat, which gets its first answer, or what has changed meanwhile.
            return ChangeAnswer(standing=await self._records.reschedule(order))
        try:
            faults = await self._permission.faults_told(agreement, None, self._records)
        except MandateKeyUnknown:
            # Somebody waits for the answer, and nobody knows when the key is given back.
            return ChangeAnswer(reasons=(NOT_SIGNED_NOW,))
        if faults:
            return ChangeAnswer(reasons=tuple(faults))
        until = mandate.valid_until + (order.scheduled_time - row.scheduled_time)
        # What was signed and nothing more: a token that says nothing of the fee goes on so.
        signed = self._mandates.read(mandate.token).claims
        token = self._mandates.sign(lasting_until(signed, until))
        return ChangeAnswer(standing=await self._records.reschedule(order, until, token))
