"""People's fields in the real database: who reads them, and what becomes of them elsewhere."""

from uuid import UUID

import pytest

from domain.field_errors import FieldAltered, FieldKeyUnknown
from domain.fields import CHILDREN, GUARDIANS, REGISTRATIONS, KeptRow, ResealedPage, ResealedRow
from gateways.protocols.records import Records
from tests.field_keys import fields
from tests.gateways.households import GUARDIAN, Household, new_household

pytestmark = pytest.mark.parametrize("records", ["supabase"], indirect=True)


async def kept(records: Records, table: str, row_id: UUID) -> KeptRow:
    before = UUID(int=row_id.int - 1)
    (row,) = await records.fields_to_reseal(table, before, "nobodys", 1)
    return row


async def put(records: Records, row: KeptRow, text: str) -> None:
    """That text in the place of the child's first name, as somebody might who owns the database."""
    name = "first_name"
    change = ResealedRow(row_id=row.row_id, before={name: row.fields[name]}, after={name: text})
    assert await records.reseal_fields(CHILDREN, ResealedPage(rows=(change,))) == 1


async def test_nothing_of_a_family_is_kept_in_the_clear(family: Household) -> None:
    row = await family.draft()
    ids = {GUARDIANS: family.user_id, CHILDREN: family.child_ids[0], REGISTRATIONS: row.id}
    for table, row_id in ids.items():
        texts = (await kept(family.records, table, row_id)).fields.values()
        assert {fields().key_of(text) for text in texts} == {"first"}


async def test_a_program_without_the_key_charges_and_looks_and_reads_nobody(
    family: Household, keyless: Records
) -> None:
    row = await family.pending()
    assert (await keyless.agreement(row.id)).child_ids == family.child_ids
    assert (await keyless.payer(family.user_id)).stripe_customer_id == family.customer_id
    assert [one.id for one in await keyless.registrations(family.user_id, 5)] == [row.id]
    for unreadable in (
        keyless.dossier(row.id),
        keyless.profile(family.user_id),
        keyless.children(family.user_id),
    ):
        with pytest.raises(FieldKeyUnknown) as unknown:
            await unreadable
        assert unknown.value.key_id == "first"
    with pytest.raises(FieldKeyUnknown):
        keyless.words(row)


async def test_a_name_that_was_moved_to_another_child_is_refused(
    family: Household, other_family: Household
) -> None:
    sister, brother = [await kept(family.records, CHILDREN, one) for one in family.child_ids]
    stranger = await kept(family.records, CHILDREN, other_family.child_ids[0])
    for moved in (sister.fields["first_name"], stranger.fields["last_name"]):
        await put(family.records, await kept(family.records, CHILDREN, brother.row_id), moved)
        with pytest.raises(FieldAltered, match=str(brother.row_id)):
            await family.records.children(family.user_id)
    now = await kept(family.records, CHILDREN, brother.row_id)
    await put(family.records, now, brother.fields["first_name"])
    assert await family.records.children(family.user_id) == list(family.children)


async def test_what_was_kept_in_the_clear_is_read_and_sealed_when_it_is_saved_again(
    records: Records, keyless: Records
) -> None:
    family = await new_household(keyless)
    assert (await records.profile(family.user_id)).guardian == GUARDIAN
    assert await records.children(family.user_id) == list(family.children)
    await records.save_guardian(family.user_id, GUARDIAN)
    texts = (await kept(records, GUARDIANS, family.user_id)).fields.values()
    assert {fields().key_of(text) for text in texts} == {"first"}
