import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from domain.errors import RecordMissing, RecordRejected
from domain.programs import OpeningSource
from domain.states import FeeStatus, RegistrationStatus
from gateways.protocols.records import Records
from tests.gateways.households import CARD, GUARDIAN, MANDATE_LASTS, Household, key, newcomer

CODE = re.compile(r"SCH-[A-HJKMNP-TV-Z2-9]{8}")


async def test_a_draft_holds_what_was_asked_and_promises_nothing(family: Household) -> None:
    opens = datetime(2031, 3, 9, 14, 30, 0, 123456, tzinfo=UTC)
    row = await family.draft(scheduled_time=opens, opening_source=OpeningSource.PROVIDER_PAGE)
    assert CODE.fullmatch(row.code)
    assert row.user_id == family.user_id
    assert row.program_id == family.program.id
    assert (row.provider, row.org_ref) == ("bookeo", family.program.org_ref)
    assert (row.program_ref, row.event_id, row.currency) == ("P100", "E1", "USD")
    assert row.scheduled_time == opens
    assert row.opening_source is OpeningSource.PROVIDER_PAGE
    assert row.status is RegistrationStatus.DRAFT
    assert row.fee_status is FeeStatus.NOT_DUE
    assert (row.max_total_cents, row.success_fee_cents) == (40_000, 2_000)
    assert family.records.words(row) == "Register both children.\nAll or none."
    assert row.mandate_id is None
    assert row.receipt_code is None
    assert abs(row.created_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert await family.records.registration(row.id) == row


async def test_every_draft_has_a_code_of_its_own(family: Household) -> None:
    assert len({(await family.draft()).code for _ in range(5)}) == 5


async def test_a_draft_names_only_ones_own_children(
    family: Household, other_family: Household
) -> None:
    mixed = (family.child_ids[0], other_family.child_ids[0])
    with pytest.raises(RecordRejected) as refused:
        await family.draft(child_ids=mixed)
    assert refused.value.code == "not_your_child"
    with pytest.raises(RecordRejected) as refused:
        await family.draft(child_ids=(uuid4(),))
    assert refused.value.code == "not_your_child"
    assert await family.records.registrations(family.user_id, 10) == []


@pytest.mark.parametrize(("times", "code"), [(0, "no_children"), (2, "child_twice")])
async def test_a_draft_names_each_of_one_or_more_children_once(
    family: Household, times: int, code: str
) -> None:
    with pytest.raises(RecordRejected) as refused:
        await family.draft(child_ids=family.child_ids[:1] * times)
    assert refused.value.code == code


async def test_a_draft_needs_a_known_program_and_a_known_user(family: Household) -> None:
    with pytest.raises(RecordMissing):
        await family.draft(program_id=uuid4())
    with pytest.raises(RecordMissing):
        await family.draft(user_id=uuid4())


async def test_what_does_not_exist_is_missing(records: Records) -> None:
    with pytest.raises(RecordMissing):
        await records.registration(uuid4())
    with pytest.raises(RecordMissing):
        await records.dossier(uuid4())
    with pytest.raises(RecordMissing):
        await records.confirm(uuid4(), 1, datetime.now(UTC), key("confirm"))
    assert await records.registration_by_code("SCH-22222222") is None
    assert await records.registration_by_code("no code at all") is None


async def test_a_registration_is_found_by_its_code(family: Household) -> None:
    row = await family.draft()
    assert await family.records.registration_by_code(row.code) == row
    assert await family.records.registration_by_code(row.code.lower()) == row


async def test_a_user_lists_their_own_registrations_latest_first(
    family: Household, other_family: Household
) -> None:
    await other_family.draft()
    rows = [await family.draft(child_ids=family.child_ids[:1]) for _ in range(3)]
    assert await family.records.registrations(family.user_id, 10) == rows[::-1]
    assert await family.records.registrations(family.user_id, 2) == [rows[2], rows[1]]


async def test_the_operator_lists_everybodys_soonest_first(
    family: Household, other_family: Household
) -> None:
    now = datetime.now(UTC)
    late = await other_family.pending(scheduled_time=now + timedelta(seconds=2))
    soon = await family.pending(scheduled_time=now + timedelta(seconds=1))
    draft = await family.draft(scheduled_time=now)
    mine = {late.id, soon.id, draft.id}
    listed = [row for row in await family.records.all_registrations(1_000, None) if row.id in mine]
    assert listed == [draft, soon, late]
    pending = await family.records.all_registrations(1_000, "pending")
    assert {row.status for row in pending} == {RegistrationStatus.PENDING}
    assert [row for row in pending if row.id in mine] == [soon, late]
    assert len(await family.records.all_registrations(1, "pending")) == 1


async def test_a_dossier_holds_all_that_a_step_reads(family: Household) -> None:
    row = await family.pending(child_ids=family.child_ids[::-1])
    dossier = await family.records.dossier(row.id)
    assert dossier.registration == row
    assert dossier.program == family.program
    assert dossier.account.name == "Community Pool"
    assert dossier.account.credentials_ref == "pool"
    assert dossier.guardian == GUARDIAN
    assert dossier.children == family.children[::-1]
    assert dossier.stripe_customer_id == family.customer_id
    assert dossier.card == CARD
    assert dossier.rivals == ()
    mandate = dossier.mandate
    assert mandate is not None
    assert mandate.id == row.mandate_id
    assert set(mandate.child_ids) == set(family.child_ids)
    assert mandate.valid_until == row.scheduled_time + MANDATE_LASTS
    assert (mandate.max_total_cents, mandate.currency) == (40_000, "USD")
    assert mandate.used_at is None
    assert mandate.revoked_at is None


async def test_a_dossier_of_a_newcomer_has_gaps_not_faults(records: Records) -> None:
    family = await newcomer(records)
    dossier = await records.dossier((await family.draft()).id)
    assert dossier.guardian is None
    assert dossier.card is None
    assert dossier.stripe_customer_id is None
    assert dossier.mandate is None
    assert dossier.children == family.children


async def test_a_dossier_names_rivals_for_the_same_event_only(family: Household) -> None:
    live = await family.pending(child_ids=family.child_ids[:1])
    await family.draft()
    draft = await family.draft()
    (rival,) = (await family.records.dossier(draft.id)).rivals
    assert (rival.child_id, rival.code) == (family.child_ids[0], live.code)
    assert (await family.records.dossier(live.id)).rivals == ()
    sibling = await family.draft(child_ids=family.child_ids[1:])
    assert (await family.records.dossier(sibling.id)).rivals == ()
