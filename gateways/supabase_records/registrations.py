from datetime import datetime
from uuid import UUID

from pydantic import SecretStr, TypeAdapter

from domain.contracts import (
    CancelOrder,
    Claim,
    ClaimOrder,
    OutcomeOrder,
    RescheduleOrder,
    Standing,
)
from domain.refusals import Reason
from domain.registrations import Agreement, Dossier, NewDraft, Receipt, Registration
from gateways.supabase_records.client import ANY, DataApiClient
from gateways.supabase_records.kept_people import KeptDossier
from gateways.supabase_records.mandates import shown

_REGISTRATION = TypeAdapter(Registration)
_PERHAPS_REGISTRATION = TypeAdapter[Registration | None](Registration | None)
_REGISTRATIONS = TypeAdapter(list[Registration])
_AGREEMENT = TypeAdapter(Agreement)
_DOSSIER = TypeAdapter(KeptDossier)
_STANDING = TypeAdapter(Standing)
_CLAIM = TypeAdapter(Claim)
_RECEIPTS = TypeAdapter(list[Receipt])


class Registrations(DataApiClient):
    """Registrations, from the draft to the receipt."""

    async def draft(self, draft: NewDraft) -> Registration:
        sealed = self._people.sealed_draft(draft)
        return await self._call("draft_registration", _REGISTRATION, draft=sealed)

    async def registration(self, registration_id: UUID) -> Registration:
        return await self._call("get_registration", _REGISTRATION, registration_id=registration_id)

    async def registrations(self, user_id: UUID, limit: int) -> list[Registration]:
        return await self._call("list_registrations", _REGISTRATIONS, user_id=user_id, limit=limit)

    async def all_registrations(self, limit: int, status: str | None) -> list[Registration]:
        return await self._call(
            "list_all_registrations", _REGISTRATIONS, limit=limit, status=status
        )

    async def registration_by_code(self, code: str) -> Registration | None:
        return await self._call("get_registration_by_code", _PERHAPS_REGISTRATION, code=code)

    async def agreement(self, registration_id: UUID) -> Agreement:
        return await self._call("get_agreement", _AGREEMENT, registration_id=registration_id)

    async def dossier(self, registration_id: UUID) -> Dossier:
        kept = await self._call("get_dossier", _DOSSIER, registration_id=registration_id)
        return self._people.dossier(kept)

    def words(self, row: Registration) -> str:
        return self._people.words(row)

    async def confirm(
        self,
        registration_id: UUID,
        expected_version: int,
        mandate_valid_until: datetime,
        operation_key: str,
        mandate_id: UUID | None = None,
        mandate_token: SecretStr | None = None,
    ) -> Standing:
        return await self._call(
            "confirm_registration",
            _STANDING,
            registration_id=registration_id,
            expected_version=expected_version,
            mandate_valid_until=mandate_valid_until,
            operation_key=operation_key,
            mandate_id=mandate_id,
            mandate_token=shown(mandate_token),
        )

    async def reschedule(
        self,
        order: RescheduleOrder,
        mandate_valid_until: datetime | None = None,
        mandate_token: SecretStr | None = None,
    ) -> Standing:
        return await self._call(
            "reschedule_registration",
            _STANDING,
            order=order,
            mandate_valid_until=mandate_valid_until,
            mandate_token=shown(mandate_token),
        )

    async def cancel(self, order: CancelOrder) -> Standing:
        return await self._call("cancel_registration", _STANDING, order=order)

    async def claim(self, order: ClaimOrder) -> Claim:
        return await self._call("claim_registration", _CLAIM, order=order)

    async def note_problems(
        self, registration_id: UUID, problems: tuple[Reason, ...], operation_key: str
    ) -> None:
        await self._call(
            "note_problems",
            ANY,
            registration_id=registration_id,
            problems={"problems": problems},
            operation_key=operation_key,
        )

    async def record_outcome(self, order: OutcomeOrder) -> Standing:
        return await self._call("record_outcome", _STANDING, order=order)

    async def receipts(self, user_id: UUID, limit: int) -> list[Receipt]:
        return await self._call("list_receipts", _RECEIPTS, user_id=user_id, limit=limit)

    async def all_receipts(self, limit: int) -> list[Receipt]:
        return await self._call("list_all_receipts", _RECEIPTS, limit=limit)
