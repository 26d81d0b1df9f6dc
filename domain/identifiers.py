"""Every identifier as a pure function of the registration: opaque, prefixed, never personal."""

from uuid import UUID, uuid5
from zlib import crc32


def registration_workflow_id(registration_id: UUID) -> str:
    """The id of the one workflow that owns the registration."""
    return f"registration-{registration_id}"


def review_workflow_id(registration_id: UUID) -> str:
    """The id of the workflow that decides a review whose registration's own run has ended."""
    return f"review-{registration_id}"


def review_alert_key(registration_id: UUID) -> str:
    """The key of the alert that is open while a registration waits for a person."""
    return f"review_waiting/{registration_id}"


def cancellation_workflow_id(registration_id: UUID) -> str:
    """The id of the one workflow that gives a booking back, whoever asked for it."""
    return f"cancellation-{registration_id}"


def erasure_notice_workflow_id(user_id: UUID) -> str:
    """The id of the workflow that tells of a wish to be deleted, and notes it."""
    return f"erasure-notice-{user_id}"


def external_ref(registration_id: UUID) -> str:
    """The provider's `externalRef`: the same on every attempt, so that a booking can be found.

    39 ASCII characters; Bookeo allows 64.
    """
    return f"sa-{registration_id}"


def registration_of(reference: str | None) -> UUID | None:
    """The registration that an `externalRef` names; None where it is not one of ours."""
    if reference is None or not reference.startswith("sa-"):
        return None
    try:
        return UUID(reference.removeprefix("sa-"))
    except ValueError:
        return None


def fee_key(registration_id: UUID, number: int) -> str:
    """The Stripe idempotency key of one charge.

    `number` is that of the `charges` row, raised only after a definite decline. It is never
    Temporal's attempt: a retried activity must repeat the same charge, not make another.
    """
    return f"fee-{registration_id}-{number}"


def refund_key(registration_id: UUID) -> str:
    """The Stripe idempotency key of the one refund that a registration can have."""
    return f"refund-{registration_id}"


CLOSE_CHARGE = "close-charge"
"""The step that ends a charge which took nothing: row and version stay as they are."""

REVOKE = "revoke"
"""The step that withdraws a permission, by whoever takes it: once and for all."""


def operation_key(registration_id: UUID, step: str, number: int = 1) -> str:
    """Names one transition of one registration, so that a repeat returns the first answer.

    Built from the registration and the step, not from run or activity ids, which change when
    a workflow is reset.
    """
    return f"{registration_workflow_id(registration_id)}/{step}/{number}"


def mandate_id(registration_id: UUID, confirm_key: str) -> UUID:
    """The id of the mandate that a confirm writes: a confirm that is repeated signs the same one.

    `confirm_key` is the confirm's operation key.
    """
    return uuid5(registration_id, confirm_key)


def is_step(key: str, step: str) -> bool:
    """Whether that operation key names such a step."""
    return key.rpartition("/")[0].endswith(f"/{step}")


def share(registration_id: UUID, purpose: str) -> float:
    """A stable number from 0 to below 1, evenly spread over registrations.

    It spreads what would otherwise happen at once; each purpose has an order of its own.
    """
    return crc32(f"{purpose}/{registration_id}".encode()) / 2**32


def payment_recovery_workflow_id(invoice_id: str) -> str:
    """The id of the one workflow that sees to it that an invoice is paid."""
    return f"payment-recovery-{invoice_id}"


def account_look_workflow_id(user_id: UUID) -> str:
    """The id of the one workflow that looks at an account at the payment service."""
    return f"account-look-{user_id}"


def stripe_event_workflow_id(event_id: str) -> str:
    """The id of the one workflow that works an event of Stripe's off."""
    return f"stripe-event-{event_id}"
