"""Wishes that are known beside the backups, applied to a database that was put back."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from domain.erasures import Erasure
from domain.states import RegistrationStatus
from tests.gateways.households import GUARDIAN, Household

MONTH = timedelta(days=30)


async def test_what_was_erased_is_erased_again_in_a_database_that_was_put_back(
    family: Household, other_family: Household
) -> None:
    records = family.records
    row = await family.sent()
    now = datetime.now(UTC)
    known = Erasure(user_id=family.user_id, asked_at=now - MONTH, due_at=now)
    done = known.model_copy(
        update={"began_at": now, "rows_erased_at": now, "erased_at": now, "erased_told_at": now}
    )

    assert await records.reapply_erasure(known.model_copy(update={"user_id": uuid4()})) is None
    asked = await records.reapply_erasure(known)
    applied = [await records.reapply_erasure(done) for _ in range(2)]

    assert asked is not None
    assert asked.open
    assert applied[0] == applied[1]
    assert applied[0] is not None
    assert applied[0].erased_at is not None
    assert applied[0].erased_told_at is not None
    assert (await records.profile(family.user_id)).guardian is None
    assert await records.children(family.user_id) == []
    assert (await records.registration(row.id)).status is RegistrationStatus.CANCELLED
    assert (await records.verify_audit(row.id)).holds
    assert (await records.profile(other_family.user_id)).guardian == GUARDIAN


async def test_what_was_being_erased_goes_on_in_a_database_that_was_put_back(
    family: Household,
) -> None:
    now = datetime.now(UTC)
    known = Erasure(user_id=family.user_id, asked_at=now - MONTH, due_at=now, began_at=now)

    applied = await family.records.reapply_erasure(known)
    late = await family.records.reapply_erasure(
        known.model_copy(update={"began_at": None, "withdrawn_at": now})
    )

    assert applied is not None
    assert applied == late
    assert (applied.began_at, applied.rows_erased_at) == (now, None)
    assert (await family.records.profile(family.user_id)).guardian == GUARDIAN
    assert family.user_id in await family.records.due_erasures(now, 10_000)
    assert (await family.records.begin_erasure(family.user_id)).began_at == now
