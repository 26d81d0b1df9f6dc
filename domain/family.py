"""The people a registration is for. Read from the database, never carried in a payload."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, EmailStr, Field, StringConstraints

from domain.frozen import Frozen, Private

Name = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$"
    ),
]
"""A person's name: 1 to 80 characters, none of them a control character."""

Phone = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, max_length=24, pattern=r"^\+?(?:[ ().-]*[0-9]){6,15}[ ().-]*$"
    ),
]
"""6 to 15 digits, spaced as people like to."""


def _deliverable(address: str) -> str:
    """The address as every mail server takes it: ASCII before the @, IDNA behind it."""
    local, _, domain = address.rpartition("@")
    if not local.isascii():
        raise ValueError("the part before the @ must be plain ASCII")
    return f"{local}@{domain.encode('idna').decode('ascii')}"


Email = Annotated[EmailStr, AfterValidator(_deliverable)]
"""A mail address that a letter can reach without any extension of the protocol."""

Locale = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(_[A-Z][a-z]{3})?(_[A-Z]{2})?$")]
"""A language, where needed a script, and a region: `en_US`, `fr_CA`, `zh_Hant_TW`."""

ADULT_YEARS = 18


class Guardian(Private):
    """The parent, as the provider needs to know them."""

    first_name: Name
    last_name: Name
    email: Email
    phone: Phone
    birth_date: date


class NewChild(Private):
    """A child as a parent describes it."""

    first_name: Name
    last_name: Name
    birth_date: date


class Child(NewChild):
    """A child of one user."""

    id: UUID


class Card(Private):
    """What may be shown of a saved card. No number ever reaches this service."""

    payment_method_id: str
    brand: str
    last4: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]
    exp_month: Annotated[int, Field(ge=1, le=12)]
    exp_year: Annotated[int, Field(ge=2000, le=2200)]

    def expired(self, on: date) -> bool:
        """Whether the card's last month lies before that day."""
        return (self.exp_year, self.exp_month) < (on.year, on.month)


class Reader(Frozen):
    """How somebody reads dates and amounts. Nothing of who they are."""

    locale: Locale = "en_US"
    time_zone: str | None = None
    """IANA name; None while nobody has said where they live."""


class Payer(Frozen):
    """How one user pays. Nothing of who they are."""

    user_id: UUID
    stripe_customer_id: str | None = None
    setup_session_id: str | None = None
    card: Card | None = None
    reader: Reader = Reader()


class Profile(Payer):
    """One user's own account."""

    guardian: Guardian | None = None


def age_on(birth_date: date, day: date) -> int:
    """Whole years lived on that day."""
    before_birthday = (day.month, day.day) < (birth_date.month, birth_date.day)
    return day.year - birth_date.year - before_birthday
