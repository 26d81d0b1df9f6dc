from uuid import UUID

from pydantic import TypeAdapter

from domain.cancellation import BookingCancelledOrder, CancelledOrder
from domain.contracts import FeeOrder, Standing
from domain.frozen import Frozen
from domain.payments import ChargeOutcome, ChargeRecord, FrozenCharge
from domain.refunds import OpenedRefund, RefundOutcome
from domain.registrations import Agreement
from gateways.supabase_records.client import ANY, DataApiClient


class _OpenedCharge(Frozen):
    charge: FrozenCharge | None = None
    dossier: Agreement


_OPENED_CHARGE = TypeAdapter(_OpenedCharge)
_CHARGES = TypeAdapter(list[ChargeRecord])
_OPENED_REFUND = TypeAdapter(OpenedRefund)
_STANDING = TypeAdapter(Standing)


class Fees(DataApiClient):
    """What was charged and given back."""

    async def open_charge(
        self,
        registration_id: UUID,
        number: int,
        fence: int,
        booking_number: str,
        operation_key: str,
    ) -> tuple[FrozenCharge | None, Agreement]:
        opened = await self._call(
            "open_charge",
            _OPENED_CHARGE,
            registration_id=registration_id,
            number=number,
            fence=fence,
            booking_number=booking_number,
            operation_key=operation_key,
        )
        return opened.charge, opened.dossier

    async def charges_of(self, registration_id: UUID) -> list[ChargeRecord]:
        return await self._call("charges_of", _CHARGES, registration_id=registration_id)

    async def close_charge(
        self, registration_id: UUID, outcome: ChargeOutcome, operation_key: str
    ) -> None:
        await self._call(
            "close_charge",
            ANY,
            registration_id=registration_id,
            outcome=outcome,
            operation_key=operation_key,
        )

    async def settle_fee(self, order: FeeOrder) -> Standing:
        return await self._call("settle_fee", _STANDING, order=order)

    async def booking_cancelled(self, order: BookingCancelledOrder) -> None:
        await self._call("booking_cancelled", ANY, order=order)

    async def open_refund(self, registration_id: UUID, operation_key: str) -> OpenedRefund:
        return await self._call(
            "open_refund",
            _OPENED_REFUND,
            registration_id=registration_id,
            operation_key=operation_key,
        )

    async def settle_refund(
        self, registration_id: UUID, outcome: RefundOutcome, operation_key: str
    ) -> None:
        await self._call(
            "settle_refund",
            ANY,
            registration_id=registration_id,
            outcome=outcome,
            operation_key=operation_key,
        )

    async def finish_cancellation(self, order: CancelledOrder) -> Standing:
        return await self._call("finish_cancellation", _STANDING, order=order)
