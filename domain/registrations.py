"""A registration's row, what surrounds it, and its receipt."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID, uuid4

from pydantic import Field, SecretStr

from domain.family import Card, Child, Guardian, Reader
from domain.frozen import Frozen, Instant
from domain.money import Cents, Currency, Money
from domain.programs import OpeningSource, Program, ProviderAccount
from domain.states import FailureCode, FeeStatus, NotificationKind, RegistrationStatus

MOST_SUMMARY = 10_000
"""Characters of the words that a parent agrees to."""


class Registration(Frozen):
    """The row of `scheduled_registrations`."""

    id: UUID
    code: str
    user_id: UUID
    mandate_id: UUID | None = None
    program_id: UUID
    provider: str
    org_ref: str
    program_ref: str
    event_id: str
    scheduled_time: Instant
    time_zone: str
    opening_source: OpeningSource
    status: RegistrationStatus
    fee_status: FeeStatus
    max_total_cents: Cents
    """The parent's cap over the program's price and the fee together."""
    success_fee_cents: Cents
    currency: Currency
    summary: Annotated[str, Field(repr=False)]
    """The words that the parent agreed to, as they are kept: perhaps sealed. `Records.words` reads
    them."""
    summary_digest: str
    lapses_at: Instant
    confirmed_at: Instant | None = None
    booking_number: str | None = None
    price_cents: Cents | None = None
    failure_code: FailureCode | None = None
    error_message: str | None = None
    first_request_at: Instant | None = None
    lateness_ms: int | None = None
    queue_delay_ms: int | None = None
    send_at: Instant | None = None
    """When it is sent, once claimed."""
    queue_place: int | None = None
    """Its place among the account's registrations of the same opening, from 1, by confirmation;
    None unless pending or executing."""
    queue_length: int | None = None
    """How many they are."""
    receipt_code: str | None = None
    audit_head: str | None = None
    version: int
    created_at: Instant

    @property
    def cap(self) -> Money:
        """The most the parent agreed to pay in all."""
        return Money(amount_cents=self.max_total_cents, currency=self.currency)

    @property
    def fee(self) -> Money:
        """The success fee."""
        return Money(amount_cents=self.success_fee_cents, currency=self.currency)


class NewDraft(Frozen):
    """What a parent asks for, checked and put in words."""

    id: UUID = Field(default_factory=uuid4)
    """The registration's, drawn here: its summary is sealed for that row alone."""
    user_id: UUID
    program_id: UUID
    child_ids: tuple[UUID, ...]
    scheduled_time: Instant
    time_zone: str
    opening_source: OpeningSource
    max_total_cents: Cents
    success_fee_cents: Cents
    summary: Annotated[str, Field(repr=False, min_length=1, max_length=MOST_SUMMARY)]
    summary_digest: str
    lapses_at: Instant


class Mandate(Frozen):
    """The parent's permission to act, as its row holds it."""

    id: UUID
    user_id: UUID
    registration_id: UUID
    program_ref: str
    event_id: str
    child_ids: tuple[UUID, ...]
    max_total_cents: Cents
    currency: Currency
    issued_at: Instant
    valid_until: Instant
    """Past the whole retry window."""
    used_at: Instant | None = None
    """When its one booking was made."""
    revoked_at: Instant | None = None
    token: SecretStr | None = Field(default=None, exclude=True, repr=False)
    """The same, signed. It goes from the database to whoever checks it, and into no answer."""


class Rival(Frozen):
    """Another live registration of one of the same children for the same event."""

    child_id: UUID
    code: str


class Agreement(Frozen):
    """What is to be done for whom, in one look-up: of its people no more than their ids.

    Whoever charges, gives back or looks again reads no more than this, so that none of it needs
    the keys that people's fields are sealed with.
    """

    registration: Registration
    program: Program
    account: ProviderAccount
    child_ids: tuple[UUID, ...]
    """In the order in which the parent named them."""
    stripe_customer_id: str | None = None
    card: Card | None = None
    mandate: Mandate | None = None
    rivals: tuple[Rival, ...] = ()


class Dossier(Agreement):
    """The same with its people: for whoever books for them, writes to them, or asks their age."""

    guardian: Guardian | None = None
    children: tuple[Child, ...]
    """Those of `child_ids`."""
    reader: Reader = Reader()
    """How the parent reads dates and amounts."""


class Receipt(Frozen):
    """The row of `registrations`: proof of one booking."""

    receipt_code: str
    scheduled_registration_id: UUID
    code: str
    program_name: str
    organisation: str
    booking_number: str
    price_cents: Cents | None
    success_fee_cents: Cents
    currency: Currency
    fee_status: FeeStatus
    first_request_at: Instant | None
    lateness_ms: int | None
    queue_delay_ms: int | None
    issued_at: Instant


class Notification(Frozen):
    """A row of the outbox: what to tell, not the words of it.

    There is one for each kind, registration and period.
    """

    id: UUID
    registration_id: UUID
    kind: NotificationKind
    period: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,40}$")] = "1"
    """Which letter of that kind it is: of those that a transition owes, the how-manieth; of a
    reminder, what it was due for."""
    facts: Mapping[str, str] = Field(default_factory=dict[str, str])
    """Nothing personal: the letter is composed when it is sent."""
