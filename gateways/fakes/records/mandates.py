from uuid import UUID

from pydantic import SecretStr

from domain.contracts import Standing
from domain.errors import Conflict, RecordMissing, RecordRejected
from domain.mandates import MOST_TOKEN, UnsignedMandate
from domain.registrations import Mandate, Registration
from domain.states import UNDER_WAY, AuditKind, FeeStatus, RegistrationStatus
from gateways.fakes.records.registrations import Registrations
from gateways.fakes.records.tables import BOOKED

_MAY_BE_BOOKED = {*UNDER_WAY, RegistrationStatus.NEEDS_REVIEW}
_UNPAID = {FeeStatus.DUE, FeeStatus.REQUIRES_ACTION}


class Mandates(Registrations):
    """Mandates, beyond their confirm."""

    async def revoke_mandate(self, registration_id: UUID, operation_key: str) -> Mandate:
        row = self.row(registration_id)
        if first := self.operations.first(
            operation_key, "revoke_mandate", registration_id, Mandate
        ):
            return first
        mandate = self._mandate_of(registration_id)
        if mandate.revoked_at is None:
            if row.status not in UNDER_WAY:
                raise Conflict(f"the registration is {row.status.value}")
            self.require_unsent(row)
            mandate = mandate.model_copy(update={"revoked_at": self.now()})
            self.mandates[registration_id] = mandate
            detail = {"mandate_id": str(mandate.id)}
            self.record(registration_id, AuditKind.MANDATE_REVOKED, operation_key, detail)
        told = mandate.model_copy(update={"token": None})
        return self.operations.keep(operation_key, "revoke_mandate", registration_id, told)

    async def unsigned_mandates(self, limit: int) -> list[UnsignedMandate]:
        unsigned = [
            row
            for row in sorted(self.rows.values(), key=lambda row: row.scheduled_time)
            if row.id in self.mandates and self.mandates[row.id].token is None and in_use(row)
        ]
        return [
            UnsignedMandate(
                registration_id=row.id,
                code=row.code,
                issued_at=self.mandates[row.id].issued_at,
                signable=self.mandates[row.id].issued_at < self.unsigned_mandates_until,
            )
            for row in unsigned[:limit]
        ]

    async def sign_mandate(
        self, registration_id: UUID, mandate_token: SecretStr, by: str, operation_key: str
    ) -> Standing:
        row = self.row(registration_id)
        if first := self.operations.first(operation_key, "sign_mandate", registration_id, Standing):
            return first
        mandate = self._mandate_of(registration_id)
        if mandate.token is not None:
            raise Conflict("the permission is signed")
        if not in_use(row):
            raise Conflict(f"the registration is {row.status.value}")
        if mandate.issued_at >= self.unsigned_mandates_until:
            raise RecordRejected("confirmed_later", "it was confirmed since mandates are signed")
        check_token(mandate_token)
        self.mandates[row.id] = mandate.model_copy(update={"token": mandate_token})
        detail = {"mandate_id": str(mandate.id), "by": by}
        self.record(row.id, AuditKind.MANDATE_SIGNED, operation_key, detail)
        return self.operations.keep(operation_key, "sign_mandate", row.id, self.standing(row.id))

    def require_unsent(self, row: Registration) -> None:
        """Refuse what may not be changed any more.

        Raises:
            Conflict: a marker is open, or one was closed as booked.
        """
        attempts = self.attempts[row.id]
        if any(attempt.outcome in {None, BOOKED} for attempt in attempts):
            raise Conflict("the booking may have been sent")

    def _mandate_of(self, registration_id: UUID) -> Mandate:
        if registration_id not in self.mandates:
            raise RecordMissing("this registration has no mandate")
        return self.mandates[registration_id]


def check_token(token: SecretStr | None) -> None:
    """Refuse what the column would not hold.

    Raises:
        RecordRejected: `invalid_mandate`.
    """
    if token is not None and not 1 <= len(token.get_secret_value()) <= MOST_TOKEN:
        raise RecordRejected("invalid_mandate", "that is no token")


def in_use(row: Registration) -> bool:
    """Whether something may still be booked or charged under the registration's mandate."""
    unpaid = row.status is RegistrationStatus.COMPLETED and row.fee_status in _UNPAID
    return row.status in _MAY_BE_BOOKED or unpaid
