"""What can be booked, and at which account of which provider."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from domain.frozen import Frozen, Instant
from domain.money import Cents, Currency, Money
from domain.pacing import Pace

Ref = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._:-]+$")]
"""A provider's opaque reference."""


BOOKEO = "bookeo"
"""The one provider that there is an adapter for."""


class OpeningSource(StrEnum):
    """Who says when registration opens. No provider's API has a field for it."""

    PROVIDER_PAGE = "provider_page"
    OPERATOR = "operator"
    PARENT = "parent"

    def in_words(self) -> str:
        """As the parent reads it in the summary."""
        return {
            OpeningSource.PROVIDER_PAGE: "read from the provider's page",
            OpeningSource.OPERATOR: "checked by our team",
            OpeningSource.PARENT: "the time you gave",
        }[self]


class ProviderAccount(Frozen):
    """One business at a booking provider."""

    provider: str = BOOKEO
    org_ref: Ref
    name: str
    credentials_ref: str = "default"
    """Which of our configured keys opens it; the keys themselves are never stored."""
    pace: Pace = Pace()
    """How fast it may be asked."""


class Program(Frozen):
    """One event of one account, with what we know of its opening."""

    id: UUID
    provider: str
    org_ref: Ref
    program_ref: Ref
    """The provider's product id."""
    event_id: Ref
    name: str
    starts_at: Instant
    ends_at: Instant
    time_zone: str
    opens_at: Instant | None = None
    opening_source: OpeningSource = OpeningSource.OPERATOR
    price_cents: Cents
    """Per child."""
    currency: Currency = "USD"
    people_category: str = "Cchildren"
    """The provider's category that a child books under."""

    def price_for(self, children: int) -> Money:
        """What the provider is expected to ask for that many children."""
        return Money(amount_cents=self.price_cents * children, currency=self.currency)


class FoundProgram(Frozen):
    """A program with the name of the organisation that runs it."""

    program: Program
    organisation: str
