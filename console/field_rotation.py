"""Sealing people's fields anew, page by page, beside everything that runs."""

from collections import Counter
from collections.abc import Callable

from domain.errors import RecordRejected
from domain.field_errors import FieldAltered, FieldKeyUnknown
from domain.fields import FIRST, SEALED_TABLES, FieldPlace, KeptRow, ResealedPage, ResealedRow
from domain.frozen import Frozen
from gateways import Fields, Records

PAGE = 100
"""Rows written in one transaction: for so long a row may be waited for by others, milliseconds."""

PASSES = 5
"""A row that somebody was writing is left for the next pass."""


class Rotated(Frozen):
    """What a rotation came to."""

    key: str | None
    """The key that all fields are to be sealed with; None for none."""
    rows: int
    """How many were written."""
    left: int
    """Fields that are not as they should be still."""
    unknown: tuple[str, ...] = ()
    """Keys that seal some of those and are not given here."""
    altered: tuple[str, ...] = ()
    """Where such fields are that do not open although their key is given."""


class Rotation:
    """One rotation: under the first key, or in the clear where that is what `fields` seals to.

    Nothing is lost wherever it breaks off, and the next one goes on: what has the right key already
    is not read again, and a text is replaced only where it still stands.
    """

    def __init__(self, records: Records, fields: Fields, told: Callable[[int], None]) -> None:
        """`told` hears after each page how many rows have been written so far."""
        self._records = records
        self._fields = fields
        self._told = told
        self._unknown = set[str]()
        self._altered = set[str]()
        self._rows = 0

    async def run(self) -> Rotated:
        """Every row of every table, until a pass has nothing more to do.

        Raises:
            OutsideError: the database did not answer; what is written stays.
        """
        for _ in range(PASSES):
            before = self._rows
            for table in SEALED_TABLES:
                await self._through(table)
            if self._rows == before:
                break
        keys = await self._records.field_keys()
        return Rotated(
            key=self._fields.first,
            rows=self._rows,
            left=sum(use.fields for use in keys.uses if use.key != self._fields.first),
            unknown=tuple(sorted(self._unknown)),
            altered=tuple(sorted(self._altered)),
        )

    async def _through(self, table: str) -> None:
        after = FIRST
        while page := await self._records.fields_to_reseal(table, after, self._fields.first, PAGE):
            after = page[-1].row_id
            rows = tuple(filter(None, (self._resealed(table, row) for row in page)))
            if rows:
                self._rows += await self._records.reseal_fields(table, ResealedPage(rows=rows))
                self._told(self._rows)

    def _resealed(self, table: str, row: KeptRow) -> ResealedRow | None:
        """The row's texts that can be opened, sealed anew; None where there is none."""
        after: dict[str, str] = {}
        for column, kept in row.fields.items():
            if self._fields.key_of(kept) == self._fields.first:
                continue
            place = FieldPlace(table, column, row.row_id, row.owner)
            try:
                after[column] = self._fields.seal(self._fields.open(kept, place), place)
            except FieldKeyUnknown as unknown:
                self._unknown.add(unknown.key_id)
            except (FieldAltered, RecordRejected):
                self._altered.add(str(place))
        before = {column: row.fields[column] for column in after}
        return ResealedRow(row_id=row.row_id, before=before, after=after) if after else None


def needless(fields: Fields, used: Counter[str | None]) -> tuple[str, ...]:
    """The given keys that seal nothing any more, but for the first."""
    return tuple(name for name in fields.names if name != fields.first and not used[name])
