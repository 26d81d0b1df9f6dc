"""Whether the parent's permission covers what is about to be done, by row and signature."""

from temporalio import activity

from activities.clock import Clock
from domain.consent import mandate_faults, not_genuine
from domain.errors import MandateForged, MandateKeyUnknown, RecordsError
from domain.findings import mandate_unsigned
from domain.mandates import SignedClaims, Use
from domain.refusals import Reason
from domain.registrations import Agreement
from gateways import Mandates, Records


class Permission:
    """The one way a mandate is checked, wherever something is done under it."""

    def __init__(self, mandates: Mandates, clock: Clock) -> None:
        self._mandates = mandates
        self._clock = clock

    def faults(self, agreement: Agreement, use: Use) -> list[Reason]:
        """Why it does not cover that; empty when it does.

        Raises:
            MandateKeyUnknown: a worker with that key can tell, or this one once it is given.
        """
        signed, _ = self._read(agreement)
        return mandate_faults(agreement, signed, use, self._clock.now())

    async def faults_told(
        self, agreement: Agreement, use: Use | None, records: Records
    ) -> list[Reason]:
        """Likewise; without a use, why it is none that we signed for this registration.

        Where it bears no signature that we can see is ours, which no parent can repair, an alert
        is raised. A database that does not take the alert is no reason to stop.

        Raises:
            MandateKeyUnknown: as `faults`, once that is told.
        """
        try:
            signed, because = self._read(agreement)
        except MandateKeyUnknown as unknown:
            await _tell(agreement, str(unknown), records)
            raise
        if agreement.mandate is not None and because is not None:
            await _tell(agreement, because, records)
        if use is None:
            return not_genuine(agreement, signed)
        return mandate_faults(agreement, signed, use, self._clock.now())

    def _read(self, agreement: Agreement) -> tuple[SignedClaims | None, str | None]:
        """What its token says, or why that is nothing."""
        try:
            return self._mandates.read(agreement.mandate.token if agreement.mandate else None), None
        except MandateForged as forged:
            activity.logger.error(
                "the permission of registration %s is refused: %s",
                agreement.registration.id,
                forged,
            )
            return None, str(forged)


async def _tell(agreement: Agreement, because: str, records: Records) -> None:
    try:
        await records.raise_alert(mandate_unsigned(agreement.registration, because))
    except RecordsError as error:
        activity.logger.warning("an unsigned permission could not be told: %r", error)
