"""Which keys the database's fields are sealed with, and changing them: for the operator."""

from typing import Protocol
from uuid import UUID

from domain.fields import FieldKeys, KeptRow, ResealedPage


class FieldRecords(Protocol):
    """Fields as they are kept. The keys are with the programs."""

    async def field_keys(self) -> FieldKeys:
        """How many fields each key seals, and how many none does."""
        ...

    async def fields_to_reseal(
        self, table: str, after: UUID, key: str | None, limit: int
    ) -> tuple[KeptRow, ...]:
        """Rows with a field that another key seals, or none; by id, those after that one.

        Args:
            table: one of `SEALED_TABLES`.
            after: FIRST for the first page.
            key: the key that should seal all; None where none should seal any.
            limit: rows at most.

        Raises:
            RecordRejected: `no_fields`, for another table.
        """
        ...

    async def reseal_fields(self, table: str, page: ResealedPage) -> int:
        """Put the new texts in the place of the old ones; how many rows that was done in.

        A row that has other texts by now stays as it is, and so does one that somebody else is
        writing at this moment.

        Raises:
            RecordRejected: `no_fields`, `invalid_fields`.
            FieldInTheClear: sealed fields are demanded, and one of these is not.
        """
        ...

    async def demand_sealed_fields(self, demanded: bool) -> None:
        """From now on the database takes no field in the clear; or again takes any.

        Raises:
            RecordRejected: `clear_fields_left`; nothing has changed.
        """
        ...
