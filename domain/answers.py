"""What the front door answers: the shapes that other programs rely on."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from domain.family import Card
from domain.frozen import Frozen, Instant, Private
from domain.money import Cents, Currency
from domain.programs import FoundProgram, OpeningSource
from domain.registrations import Registration
from domain.states import FailureCode, FeeStatus, RegistrationStatus


class DraftAnswer(Frozen):
    """A draft: read the summary to the parent, then confirm with its digest and fee."""

    registration_id: UUID
    code: str
    status: RegistrationStatus
    summary: Annotated[str, Field(repr=False)]
    summary_digest: str
    success_fee_cents: Cents
    max_total_cents: Cents
    currency: Currency
    scheduled_time: Instant
    time_zone: str
    opening_source: OpeningSource
    lapses_at: Instant

    @classmethod
    def of(cls, row: Registration, words: str) -> "DraftAnswer":
        """The draft in that row, and its summary."""
        return cls.model_validate({**row.model_dump(), "registration_id": row.id, "summary": words})


class RegistrationAnswer(Frozen):
    """Where a registration stands."""

    registration_id: UUID
    code: str
    status: RegistrationStatus
    fee_status: FeeStatus
    scheduled_time: Instant
    time_zone: str
    provider: str
    org_ref: str
    program_ref: str
    event_id: str
    summary: Annotated[str | None, Field(repr=False)] = None
    """The words that the parent agreed to; None for an operator, and while they cannot be read."""
    summary_digest: str
    success_fee_cents: Cents
    max_total_cents: Cents
    currency: Currency
    booking_number: str | None = None
    receipt_code: str | None = None
    price_cents: Cents | None = None
    failure_code: FailureCode | None = None
    error_message: str | None = None
    first_request_at: Instant | None = None
    lateness_ms: int | None = None
    """Milliseconds from the assigned send time to the first byte of the request."""
    queue_delay_ms: int | None = None
    """Milliseconds from the opening to the assigned send time."""
    queue_place: int | None = None
    """Its place, from 1, among our registrations at this organiser that open at the same instant,
    by confirmation; None unless it is pending or executing."""
    queue_length: int | None = None
    """How many they are."""
    send_at: Instant | None = None
    """When the booking request leaves, known shortly before the opening."""
    fee_action_url: Annotated[str | None, Field(repr=False)] = None
    """The bank's page on which the parent approves the fee, while fee_status is requires_action.
    Only where one registration was asked for; for this parent alone, and never kept."""

    @classmethod
    def of(cls, row: Registration, words: str | None = None) -> "RegistrationAnswer":
        """The registration in that row, and its summary for whoever is to read it."""
        return cls.model_validate({**row.model_dump(), "registration_id": row.id, "summary": words})


class ProgressAnswer(Frozen):
    """How far a confirmed registration has come, for a program that waits for its outcome."""

    registration: RegistrationAnswer
    confirmed_at: Instant
    """There was nothing to wait for before."""
    changed_at: Instant
    """When its last audit event was written."""


class CardAnswer(Private):
    """What a parent recognises a card by."""

    brand: str
    last4: str
    exp_month: int
    exp_year: int


class PaymentMethodAnswer(Frozen):
    """The saved card, or that there is none yet."""

    card: CardAnswer | None = None
    setup_pending: bool = False
    """A card page was opened and not finished."""

    @classmethod
    def of(cls, card: Card | None, *, setup_pending: bool = False) -> "PaymentMethodAnswer":
        """The card as far as a chat may see it."""
        shown = CardAnswer.model_validate(card.model_dump()) if card else None
        return cls(card=shown, setup_pending=setup_pending)


class ProgramAnswer(Frozen):
    """A program a parent may schedule."""

    provider: str
    org_ref: str
    organisation: str
    program_ref: str
    event_id: str
    name: str
    starts_at: Instant
    ends_at: Instant
    time_zone: str
    opens_at: Instant | None
    """When registration opens; None when nobody knows yet, then the parent must say."""
    opening_source: OpeningSource
    price_cents: Cents
    """Per child."""
    currency: Currency

    @classmethod
    def of(cls, found: FoundProgram) -> "ProgramAnswer":
        """The program as found."""
        return cls.model_validate(
            {**found.program.model_dump(), "organisation": found.organisation}
        )
