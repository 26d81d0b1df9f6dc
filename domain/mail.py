"""A letter to a parent: what it is about, and the words made of it."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from domain.family import Reader
from domain.frozen import Frozen, Instant, Private
from domain.money import Money
from domain.states import FeeStatus

TemplateName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
"""A letter's template, named as its kind."""

Page = Annotated[str | None, Field(repr=False)]
"""Its address, for one parent alone: it goes nowhere but into the letter. None without one."""


class Matter(Frozen):
    """What a letter is about: the values that its template may use."""

    time_zone: str = "UTC"
    """In which times are told to a parent who has said nothing of where they live."""


class AboutRegistration(Matter):
    """One registration, as things stand when the letter is written."""

    program: str
    organisation: str
    code: str
    opens: Instant
    begins: Instant
    """The program itself."""
    fee: Money
    fee_status: FeeStatus
    price: Money | None = None
    booking_number: str | None = None
    receipt_code: str | None = None
    why: str = ""
    """A sentence or more."""
    told: str | None = None
    """What the outbox says of the fee where the registration does not: `returned` or `open`."""
    kept: str | None = None
    """Why a fee is not given back, in a sentence."""
    link: Page = None
    """Where the parent can act."""


class AboutSubscription(Matter):
    """A subscription that could not be paid."""

    amount_due: Money
    ends: Instant
    """When the account changes to the free plan, unless it is paid before."""
    card_page: Page = None
    """Where another card can be saved."""
    payment_page: Page = None


class AboutDeletion(Matter):
    """An account that is to be deleted, or is."""

    due: Instant
    """Not before this; until then the parent can take it back."""


class Letter(Private):
    """What to write to whom. The words come last, when it is sent."""

    message_id: str
    """The same on every attempt, so a repeat can be recognised."""
    to: str
    template: TemplateName
    first_name: str
    about: Matter
    reader: Reader = Reader()


class WrittenLetter(Private):
    """A letter in words: the same ones as text and as HTML."""

    message_id: str
    to: str
    subject: str
    text: str
    html: str


def letter_id(template: str, subject: UUID | str, period: str) -> str:
    """The Message-ID of that letter about that subject in that period: derived, never drawn.

    Sent again by another worker, or from a restored database, it is known for the same letter.
    """
    return f"<{template}.{subject}.{period}@signupassist>"
