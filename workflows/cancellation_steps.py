"""The activities of a cancellation, each under its policy and with the words of the Web UI."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.cancellation import Cancelling
    from activities.refunding import Refunding
    from domain.cancellation import (
        CancellationCheck,
        CancellationOrder,
        CancelledBy,
        CancelledOrder,
        OutstandingOrder,
        OutstandingReport,
        RefundOrder,
        RefundReport,
    )
    from domain.contracts import Standing
    from workflows import policies


async def check(order: CancellationOrder) -> CancellationCheck:
    """Whether there is something to cancel, in time."""
    return await workflow.execute_activity_method(
        Cancelling.check_cancellation,
        order,
        **policies.CANCEL_BOOKING.under("Check whether it can be cancelled"),
    )


async def cancel_booking(order: CancellationOrder) -> CancellationCheck:
    """The provider first."""
    gone = order.by is CancelledBy.PROVIDER
    words = "See that the organiser cancelled it" if gone else "Cancel it at the organiser"
    return await workflow.execute_activity_method(
        Cancelling.cancel_booking, order, **policies.CANCEL_BOOKING.under(words)
    )


async def stand_down(order: CancellationOrder) -> None:
    """From then on this run is the row's only writer."""
    await workflow.execute_activity_method(
        Cancelling.stand_down,
        order,
        **policies.STAND_DOWN.under("Let the registration's own run end"),
    )


async def settle_outstanding_charge(order: OutstandingOrder) -> OutstandingReport:
    """Decide what may still take money."""
    words = "Look once more for the charge" if order.last_look else "Decide what was charged"
    return await workflow.execute_activity_method(
        Refunding.settle_outstanding_charge, order, **policies.MONEY_BACK.under(words)
    )


async def refund_fee(order: RefundOrder) -> RefundReport:
    """Give it back where it was paid and the cause earns it."""
    return await workflow.execute_activity_method(
        Refunding.refund_fee, order, **policies.MONEY_BACK.under("Give the fee back")
    )


async def finish(order: CancelledOrder) -> Standing:
    """Completed -> cancelled."""
    return await workflow.execute_activity_method(
        Cancelling.finish_cancellation,
        order,
        **policies.TRANSITION.under("Record the cancellation"),
    )
