from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import UUID

from domain.erasures import ERASED_WORDS
from domain.errors import RecordRejected
from domain.family import NewChild
from domain.field_errors import FieldInTheClear
from domain.fields import (
    CHILDREN,
    GUARDIANS,
    REGISTRATIONS,
    SEALED_TABLES,
    FieldKeys,
    FieldKeyUse,
    KeptRow,
    ResealedPage,
    SampleField,
)
from gateways.fakes.records.tables import Tables, utc_now


class KeptFields(Tables):
    """Fields as they are kept: in the clear, but for what `reseal_fields` was given.

    Whoever reads people here reads them as they were written, whatever became of their fields.

    Attributes:
        resealed: the texts in the place of others, by table and row, then by column.
        demanded_since: since when sealed fields are demanded. Of `reseal_fields` alone.
    """

    def __init__(self, now: Callable[[], datetime] = utc_now) -> None:
        super().__init__(now)
        self.resealed: dict[tuple[str, UUID], dict[str, str]] = defaultdict(dict)
        self.demanded_since: datetime | None = None

    async def field_keys(self) -> FieldKeys:
        found: dict[str | None, list[SampleField]] = defaultdict(list)
        for table in SEALED_TABLES:
            for row in self._kept_rows(table):
                for column, text in row.fields.items():
                    sample = SampleField(
                        table=table, column=column, row_id=row.row_id, owner=row.owner, text=text
                    )
                    found[_key_of(text)].append(sample)
        uses = [
            FieldKeyUse(key=key, fields=len(those), sample=those[0] if key is not None else None)
            for key, those in sorted(found.items(), key=lambda one: one[0] or "")
        ]
        return FieldKeys(demanded_since=self.demanded_since, uses=tuple(uses))

    async def fields_to_reseal(
        self, table: str, after: UUID, key: str | None, limit: int
    ) -> tuple[KeptRow, ...]:
        if table not in SEALED_TABLES:
            raise RecordRejected("no_fields", "that table has no fields to seal")
        other = [
            row
            for row in self._kept_rows(table)
            if row.row_id > after and any(_key_of(text) != key for text in row.fields.values())
        ]
        return tuple(sorted(other, key=lambda row: row.row_id)[:limit])

    async def reseal_fields(self, table: str, page: ResealedPage) -> int:
        if table not in SEALED_TABLES:
            raise RecordRejected("no_fields", "that table has no fields to seal")
        fresh = [text for row in page.rows for text in row.after.values()]
        if self.demanded_since is not None and not all(map(_key_of, fresh)):
            raise FieldInTheClear
        kept = {row.row_id: row.fields for row in self._kept_rows(table)}
        changed = [
            row
            for row in page.rows
            if row.row_id in kept and row.before.items() <= kept[row.row_id].items()
        ]
        for row in changed:
            self.resealed[table, row.row_id].update(row.after)
        return len(changed)

    async def demand_sealed_fields(self, demanded: bool) -> None:
        texts = [
            text
            for table in SEALED_TABLES
            for row in self._kept_rows(table)
            for text in row.fields.values()
        ]
        if demanded and not all(map(_key_of, texts)):
            raise RecordRejected("clear_fields_left", "some fields are in the clear still")
        if demanded is not (self.demanded_since is not None):
            self.demanded_since = self.now() if demanded else None

    def _kept_rows(self, table: str) -> Iterator[KeptRow]:
        for row_id, owner, fields in self._clear(table):
            texts = {**fields, **self.resealed.get((table, row_id), {})}
            yield KeptRow(row_id=row_id, owner=owner, fields=texts)

    def _clear(self, table: str) -> Iterator[tuple[UUID, UUID, dict[str, str]]]:
        if table == GUARDIANS:
            for user_id, profile in self.profiles.items():
                if profile.guardian is not None:
                    yield user_id, user_id, profile.guardian.model_dump(mode="json")
        if table == CHILDREN:
            for user_id, children in self.family.items():
                for child in children:
                    facts = child.model_dump(mode="json", include=set(NewChild.model_fields))
                    yield child.id, user_id, facts
        if table == REGISTRATIONS:
            for row in self.rows.values():
                if row.summary != ERASED_WORDS:
                    yield row.id, row.user_id, {"summary": row.summary}


def _key_of(text: str) -> str | None:
    return text.split(":")[2] if text.startswith("sealed:1:") else None
