"""Whether the parent's permission covers what is about to be done, by row and signature."""

from temporalio import activity

from activities.clock import Clock
from domain.consent import mandate_faults, not_genuine
from domain.errors import MandateForged, RecordsError
from domain.findings import mandate_unsigned
from domain.mandates import SignedClaims, Use
from domain.refusals import Reason
from domain.registrations import Dossier
from gateways import Mandates, Records


class Permission:
    """The one way a mandate is checked, wherever something is done under it."""

    def __init__(self, mandates: Mandates, clock: Clock) -> None:
        self._mandates = mandates
        self._clock = clock

    def faults(self, dossier: Dossier, use: Use) -> list[Reason]:
        """Why it does not cover that; empty when it does."""
        return mandate_faults(dossier, self._signed(dossier), use, self._clock.now())

    def not_genuine(self, dossier: Dossier) -> list[Reason]:
        """Why it is none that we signed for this registration, in force or not."""
        return not_genuine(dossier, self._signed(dossier))

    async def tell_if_unsigned(self, dossier: Dossier, records: Records) -> None:
        """Raise an alert where it bears no signature of ours, which no parent can repair.

        A database that does not take the alert is no reason to stop.
        """
        if dossier.mandate is None:
            return
        try:
            self._read(dossier)
        except MandateForged as forged:
            alert = mandate_unsigned(dossier.registration, str(forged))
        else:
            return
        try:
            await records.raise_alert(alert)
        except RecordsError as error:
            activity.logger.warning("an unsigned permission could not be told: %r", error)

    def _signed(self, dossier: Dossier) -> SignedClaims | None:
        try:
            return self._read(dossier)
        except MandateForged as forged:
            activity.logger.error(
                "the permission of registration %s is refused: %s", dossier.registration.id, forged
            )
            return None

    def _read(self, dossier: Dossier) -> SignedClaims:
        return self._mandates.read(dossier.mandate.token if dossier.mandate else None)
