from uuid import UUID

from pydantic import SecretStr, TypeAdapter

from domain.contracts import Standing
from domain.mandates import UnsignedMandate
from domain.registrations import Mandate
from gateways.supabase_records.client import DataApiClient

_MANDATE = TypeAdapter(Mandate)
_STANDING = TypeAdapter(Standing)
_UNSIGNED = TypeAdapter(list[UnsignedMandate])


class Mandates(DataApiClient):
    """Mandates, beyond their confirm."""

    async def revoke_mandate(self, registration_id: UUID, operation_key: str) -> Mandate:
        return await self._call(
            "revoke_mandate",
            _MANDATE,
            registration_id=registration_id,
            operation_key=operation_key,
        )

    async def unsigned_mandates(self, limit: int) -> list[UnsignedMandate]:
        return await self._call("unsigned_mandates", _UNSIGNED, limit=limit)

    async def sign_mandate(
        self, registration_id: UUID, mandate_token: SecretStr, by: str, operation_key: str
    ) -> Standing:
        return await self._call(
            "sign_mandate",
            _STANDING,
            registration_id=registration_id,
            mandate_token=mandate_token.get_secret_value(),
            by=by,
            operation_key=operation_key,
        )


def shown(token: SecretStr | None) -> str | None:
    """The token for the database, the one place that is shown it."""
    return token.get_secret_value() if token is not None else None
