from uuid import UUID, uuid4

import pytest

from domain.errors import RecordMissing, RecordRejected
from domain.fields import (
    CHILDREN,
    GUARDIANS,
    REGISTRATIONS,
    SEALED_TABLES,
    FieldPlace,
    KeptRow,
    ResealedPage,
    ResealedRow,
)
from domain.fields import (
    FIRST as BEGINNING,
)
from domain.registrations import Agreement
from gateways.protocols.records import Records
from tests.field_keys import FIRST, SECOND, fields
from tests.gateways.households import GUARDIAN, Household, new_household

NOBODYS = "nobodys"
"""A key that seals nothing: every row has a field that is not sealed with it."""


async def kept(records: Records, table: str, row_id: UUID) -> KeptRow:
    """That row's fields, as they are kept."""
    before = UUID(int=row_id.int - 1)
    (row,) = await records.fields_to_reseal(table, before, NOBODYS, 1)
    assert row.row_id == row_id
    return row


def resealed(row: KeptRow, table: str) -> ResealedRow:
    """The row, every field sealed with the second key."""
    both = fields(SECOND, FIRST)
    after: dict[str, str] = {}
    for column, text in row.fields.items():
        place = FieldPlace(table, column, row.row_id, row.owner)
        after[column] = both.seal(both.open(text, place), place)
    return ResealedRow(row_id=row.row_id, before=row.fields, after=after)


async def written(records: Records, table: str, row: ResealedRow) -> int:
    return await records.reseal_fields(table, ResealedPage(rows=(row,)))


async def test_fields_are_sealed_anew_and_read_as_before(family: Household) -> None:
    records, row = family.records, await family.draft()
    ids = {GUARDIANS: family.user_id, CHILDREN: family.child_ids[0], REGISTRATIONS: row.id}
    for table, row_id in ids.items():
        before = await kept(records, table, row_id)
        assert before.owner == family.user_id
        fresh = resealed(before, table)
        assert await written(records, table, fresh) == 1
        assert (await kept(records, table, row_id)).fields == fresh.after

    assert (await records.profile(family.user_id)).guardian == GUARDIAN
    assert await records.children(family.user_id) == list(family.children)
    now = await records.registration(row.id)
    assert records.words(now) == records.words(row)
    uses = {use.key: use for use in (await records.field_keys()).uses}
    assert uses["second"].fields >= 5 + 3 + 1
    sample = uses["second"].sample
    assert sample is not None
    assert fields(SECOND).open(sample.text, sample.place)


async def test_a_text_is_replaced_only_where_it_still_stands(family: Household) -> None:
    first = await kept(family.records, CHILDREN, family.child_ids[0])
    stale, fresh = resealed(first, CHILDREN), resealed(first, CHILDREN)
    assert await written(family.records, CHILDREN, fresh) == 1
    assert await written(family.records, CHILDREN, stale) == 0
    gone = fresh.model_copy(update={"row_id": uuid4()})
    assert await written(family.records, CHILDREN, gone) == 0
    assert (await kept(family.records, CHILDREN, first.row_id)).fields == fresh.after


async def test_one_field_of_a_row_is_sealed_anew_and_the_others_stay(family: Household) -> None:
    row = await kept(family.records, CHILDREN, family.child_ids[0])
    whole = resealed(row, CHILDREN)
    column = "last_name"
    part = ResealedRow(
        row_id=row.row_id,
        before={column: whole.before[column]},
        after={column: whole.after[column]},
    )
    assert await written(family.records, CHILDREN, part) == 1
    now = await kept(family.records, CHILDREN, row.row_id)
    assert now.fields == {**row.fields, **part.after}


async def test_rows_come_in_order_page_by_page_until_there_are_none(family: Household) -> None:
    seen: list[UUID] = []
    after = BEGINNING
    while page := await family.records.fields_to_reseal(CHILDREN, after, NOBODYS, 50):
        seen += [row.row_id for row in page]
        after = page[-1].row_id
    assert seen == sorted(set(seen))
    assert set(family.child_ids) <= set(seen)
    child = await kept(family.records, CHILDREN, family.child_ids[0])
    own = fields().key_of(child.fields["first_name"])
    listed = await family.records.fields_to_reseal(
        CHILDREN, UUID(int=family.child_ids[0].int - 1), own, 1
    )
    assert family.child_ids[0] not in {row.row_id for row in listed}


@pytest.mark.parametrize("table", ["mandates", "user_profiles", ""])
async def test_other_tables_have_no_fields_to_seal(records: Records, table: str) -> None:
    assert table not in SEALED_TABLES
    row = ResealedRow(row_id=uuid4(), before={"a": "b"}, after={"a": "c"})
    with pytest.raises(RecordRejected) as refused:
        await records.fields_to_reseal(table, BEGINNING, None, 1)
    assert refused.value.code == "no_fields"
    with pytest.raises(RecordRejected) as refused:
        await written(records, table, row)
    assert refused.value.code == "no_fields"


async def test_sealed_fields_are_not_demanded_while_some_are_in_the_clear(
    keyless: Records, records: Records
) -> None:
    await new_household(keyless)
    with pytest.raises(RecordRejected) as refused:
        await records.demand_sealed_fields(demanded=True)
    assert refused.value.code == "clear_fields_left"
    await records.demand_sealed_fields(demanded=False)
    keys = await records.field_keys()
    assert keys.demanded_since is None
    assert keys.in_the_clear > 0
    assert [use.sample for use in keys.uses if use.key is None] == [None]


async def test_an_agreement_is_a_dossier_without_its_people(family: Household) -> None:
    row = await family.pending(child_ids=family.child_ids[::-1])
    agreement = await family.records.agreement(row.id)
    dossier = await family.records.dossier(row.id)
    assert type(agreement) is Agreement
    assert agreement.child_ids == family.child_ids[::-1]
    same = {name: getattr(dossier, name) for name in Agreement.model_fields}
    assert agreement == Agreement.model_validate(same)
    with pytest.raises(RecordMissing):
        await family.records.agreement(uuid4())
