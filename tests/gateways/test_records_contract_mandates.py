from uuid import uuid4

import pytest

from domain.contracts import CancelOrder
from domain.errors import Conflict, RecordMissing
from tests.gateways.households import Household, key


async def test_a_mandate_is_withdrawn_once_and_without_a_new_version(family: Household) -> None:
    row, again = await family.pending(), key("revoke")
    mandate = await family.records.revoke_mandate(row.id, again)
    assert mandate.id == row.mandate_id
    assert mandate.revoked_at is not None
    assert await family.records.revoke_mandate(row.id, again) == mandate
    assert (await family.records.dossier(row.id)).mandate == mandate
    assert (await family.records.registration(row.id)).version == row.version


async def test_a_mandate_withdrawn_twice_stays_as_withdrawn_first(family: Household) -> None:
    row = await family.pending()
    mandate = await family.records.revoke_mandate(row.id, key("revoke"))
    await family.records.cancel(
        CancelOrder(
            registration_id=row.id, expected_version=row.version, operation_key=key("cancel")
        )
    )
    assert await family.records.revoke_mandate(row.id, key("revoke")) == mandate


async def test_a_draft_has_no_mandate_to_withdraw(family: Household) -> None:
    with pytest.raises(RecordMissing):
        await family.records.revoke_mandate((await family.draft()).id, key("revoke"))
    with pytest.raises(RecordMissing):
        await family.records.revoke_mandate(uuid4(), key("revoke"))


async def test_a_mandate_under_which_a_booking_may_be_sent_stays(family: Household) -> None:
    row = await family.executing()
    with pytest.raises(Conflict):
        await family.records.revoke_mandate(row.id, key("revoke"))
