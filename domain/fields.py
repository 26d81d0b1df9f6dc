"""What is sealed of a row: where each text belongs, and which keys are at work."""

from collections.abc import Mapping
from typing import Annotated, NamedTuple
from uuid import UUID

from pydantic import Field

from domain.frozen import Frozen, Instant, Private

GUARDIANS = "guardians"
CHILDREN = "children"
REGISTRATIONS = "scheduled_registrations"

SEALED_TABLES = (GUARDIANS, CHILDREN, REGISTRATIONS)
"""The tables with fields that say who somebody is."""

FIRST = UUID(int=0)
"""Before the first row of any table."""


class FieldPlace(NamedTuple):
    """Where a text belongs. A sealed one opens nowhere else."""

    table: str
    column: str
    row_id: UUID
    owner: UUID
    """The user whose row it is."""

    def __str__(self) -> str:
        """For an operator: names and an id, nothing personal."""
        return f"{self.table}.{self.column} of {self.row_id}"


class SampleField(Private):
    """A sealed text and where it stands: whoever has its key can show that by opening it."""

    table: str
    column: str
    row_id: UUID
    owner: UUID
    text: str

    @property
    def place(self) -> FieldPlace:
        """Where it belongs."""
        return FieldPlace(self.table, self.column, self.row_id, self.owner)


class FieldKeyUse(Frozen):
    """How many fields one key seals."""

    key: str | None
    """Its name; None for those in the clear."""
    fields: int
    sample: SampleField | None = None
    """One of them; none of those in the clear."""


class FieldKeys(Frozen):
    """Which keys the fields are sealed with."""

    demanded_since: Instant | None = None
    """Since when the database takes sealed fields only; None while it takes any."""
    uses: tuple[FieldKeyUse, ...] = ()

    @property
    def in_the_clear(self) -> int:
        """How many fields no key seals."""
        return sum(use.fields for use in self.uses if use.key is None)

    @property
    def sealed(self) -> tuple[FieldKeyUse, ...]:
        """The keys that seal any."""
        return tuple(use for use in self.uses if use.key is not None)


class KeptRow(Private):
    """One row's fields as they are kept: some of them under another key, or under none."""

    row_id: UUID
    owner: UUID
    fields: Mapping[str, str]


class ResealedRow(Private):
    """New texts in the place of old ones, where those still stand."""

    row_id: UUID
    before: Mapping[str, str]
    after: Mapping[str, str]


class ResealedPage(Private):
    """Rows of one table."""

    rows: Annotated[tuple[ResealedRow, ...], Field(min_length=1)]
