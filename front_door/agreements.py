"""What stands against a confirm, looked at before the workflow is asked."""

from uuid import UUID

from activities.card_lookup import look_for_card
from activities.clock import Clock
from activities.confirmation import reasons_against
from domain.contracts import ConfirmRequest
from domain.refusals import Refused
from domain.registrations import Agreement, Dossier, Registration
from domain.states import RegistrationStatus
from domain.timing import Timing
from front_door.registrations import Registrations
from front_door.standing_answers import already_confirmed
from gateways import BookingProviders, Payments, Records


class Agreements:
    """What a parent agrees to by a confirm. Whether it holds is asked again by the workflow."""

    def __init__(
        self,
        records: Records,
        providers: BookingProviders,
        payments: Payments,
        timing: Timing,
        clock: Clock,
        own: Registrations,
    ) -> None:
        self._records = records
        self._providers = providers
        self._payments = payments
        self._timing = timing
        self._clock = clock
        self._own = own

    def request(self, registration_id: UUID, digest: str, fee_cents: int) -> ConfirmRequest:
        """The confirm with that digest and that fee."""
        return ConfirmRequest(
            registration_id=registration_id,
            summary_digest=digest,
            accepted_fee_cents=fee_cents,
            timing=self._timing,
        )

    async def checked(self, row: Registration, request: ConfirmRequest) -> Agreement:
        """The registration of that row, with nothing against the confirm; or confirmed already by
        just these words and this fee.

        Raises:
            Refused: with every reason.
        """
        await self.look_for_card(row.user_id)
        # Only a draft's people are asked after: what is confirmed goes on without them.
        draft = row.status is RegistrationStatus.DRAFT
        read = self._records.dossier if draft else self._records.agreement
        agreement: Agreement = await read(row.id)
        if isinstance(agreement, Dossier) and (
            agreement.registration.status is RegistrationStatus.DRAFT
        ):
            now = self._clock.now()
            if reasons := await reasons_against(agreement, request, self._providers, now):
                raise Refused(reasons)
        else:
            already_confirmed(agreement.registration, request)
        return agreement

    async def words(
        self, user_id: UUID, registration_id: UUID, digest: str, fee_cents: int, *, shown: bool
    ) -> str | None:
        """The summary that such a confirm would agree to, where all else about it is right.

        None for what is no draft any more: there is nothing left to agree to.

        Args:
            user_id: whose registration it is.
            registration_id: which.
            digest: of the summary that the parent read in the chat.
            fee_cents: the fee that they accepted there.
            shown: the parent was asked with these words a moment ago, after every check. None is
                repeated here: the confirm that follows repeats them all.

        Raises:
            Refused: with every reason, as the confirm would be.
        """
        row = await self._own.own_row(user_id, registration_id)
        if row.status is RegistrationStatus.DRAFT and not shown:
            request = self.request(registration_id, digest, fee_cents)
            row = (await self.checked(row, request)).registration
        return self._records.words(row) if row.status is RegistrationStatus.DRAFT else None

    async def look_for_card(self, user_id: UUID) -> None:
        """See whether the parent has saved a card meanwhile; a silent service holds nothing up."""
        await look_for_card(self._records, self._payments, await self._records.payer(user_id))
