"""The mandates' rows: what parents permitted, withdrew, and what was signed afterwards."""

from typing import Protocol
from uuid import UUID

from pydantic import SecretStr

from domain.contracts import Standing
from domain.mandates import UnsignedMandate
from domain.registrations import Mandate


class MandateRecords(Protocol):
    """Mandates beyond their confirm."""

    async def revoke_mandate(self, registration_id: UUID, operation_key: str) -> Mandate:
        """Withdraw it, once; the answer goes to the parent, so its token is left out.

        Raises:
            RecordMissing: it was never confirmed.
            Conflict: booking has begun.
        """
        ...

    async def unsigned_mandates(self, limit: int) -> list[UnsignedMandate]:
        """Those without a token under which something may still be done, soonest opening first."""
        ...

    async def sign_mandate(
        self, registration_id: UUID, mandate_token: SecretStr, by: str, operation_key: str
    ) -> Standing:
        """Give a token to a mandate that was confirmed before mandates were signed.

        `by` is the operator's handle, for the audit trail.

        Raises:
            Conflict: it is signed, or nothing can be done under it any more.
            RecordMissing: it was never confirmed.
            RecordRejected: `confirmed_later`; `invalid_mandate`, the token is too long.
        """
        ...
