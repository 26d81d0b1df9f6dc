"""The fee's rows: charges, refunds, and bookings that are no more."""

from typing import Protocol
from uuid import UUID

from domain.cancellation import BookingCancelledOrder, CancelledOrder
from domain.contracts import FeeOrder, Standing
from domain.payments import ChargeOutcome, ChargeRecord, FrozenCharge
from domain.refunds import OpenedRefund, RefundOutcome
from domain.registrations import Agreement


class FeeRecords(Protocol):
    """What was charged and given back: each written down before it is sent."""

    async def open_charge(
        self,
        registration_id: UUID,
        number: int,
        fence: int,
        booking_number: str,
        operation_key: str,
    ) -> tuple[FrozenCharge | None, Agreement]:
        """Close the marker as booked and freeze the charge; the same number, the same charge.

        None when no usable card is on file. A booking that a person found in a review has
        fence 0.

        Raises:
            Conflict: an earlier charge may still take money, the fee is paid, or the booking was
                cancelled.
            BookingsPaused: a restore is not reconciled yet.
            RecordRejected: `booking_taken`, another registration's review has that booking.
        """
        ...

    async def charges_of(self, registration_id: UUID) -> list[ChargeRecord]:
        """Every charge of the registration, by number."""
        ...

    async def close_charge(
        self, registration_id: UUID, outcome: ChargeOutcome, operation_key: str
    ) -> None:
        """A charge ended `declined`, so that another may follow; the fee stays. Repeatable.

        Raises:
            Conflict: it took money.
            RecordRejected: `charge_mismatch` for another outcome, `charge_missing`.
        """
        ...

    async def settle_fee(self, order: FeeOrder) -> Standing: ...

    async def booking_cancelled(self, order: BookingCancelledOrder) -> None:
        """The booking is no more; from now on no charge is opened for it. Repeatable.

        Raises:
            Conflict: the registration is not `completed`.
        """
        ...

    async def open_refund(self, registration_id: UUID, operation_key: str) -> OpenedRefund:
        """Freeze the one refund, or say why the fee is kept: the guard. Repeatable.

        Raises:
            Conflict: the booking was not cancelled, or a charge may still take money.
        """
        ...

    async def settle_refund(
        self, registration_id: UUID, outcome: RefundOutcome, operation_key: str
    ) -> None:
        """Write the payment service's answer on the refund. Repeatable.

        Raises:
            Conflict: it ended otherwise.
            RecordMissing: none was frozen.
        """
        ...

    async def finish_cancellation(self, order: CancelledOrder) -> Standing:
        """Completed -> cancelled, with the fee as charges and refund show it.

        Raises:
            Conflict: the booking was not cancelled, or a charge may still take money.
        """
        ...
