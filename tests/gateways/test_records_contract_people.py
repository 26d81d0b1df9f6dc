import asyncio
from datetime import date
from uuid import uuid4

import pytest

from domain.errors import Conflict, RecordMissing
from domain.family import Child, NewChild, Payer, Reader
from gateways.protocols.records import Records
from tests.gateways.households import CARD, GUARDIAN, Household, card

ISSUER = "https://issuer.example/"


async def test_the_same_token_is_always_the_same_user(records: Records) -> None:
    subject = f"auth0|{uuid4()}"
    seen = await asyncio.gather(*(records.user_for(ISSUER, subject) for _ in range(6)))
    assert len(set(seen)) == 1


async def test_the_same_subject_of_another_issuer_is_another_user(records: Records) -> None:
    subject = f"auth0|{uuid4()}"
    first = await records.user_for(ISSUER, subject)
    assert await records.user_for("https://other.example/", subject) != first


async def test_a_new_user_has_an_empty_profile(records: Records) -> None:
    user_id = await records.user_for(ISSUER, str(uuid4()))
    profile = await records.profile(user_id)
    assert profile.user_id == user_id
    assert profile.guardian is None
    assert profile.card is None
    assert profile.stripe_customer_id is None
    assert profile.setup_session_id is None
    assert await records.children(user_id) == []


async def test_a_user_nobody_ever_saw_is_missing(records: Records) -> None:
    with pytest.raises(RecordMissing):
        await records.profile(uuid4())
    with pytest.raises(RecordMissing):
        await records.payer(uuid4())
    with pytest.raises(RecordMissing):
        await records.save_guardian(uuid4(), GUARDIAN)
    with pytest.raises(RecordMissing):
        await records.save_card_setup(uuid4(), "cs_1")


async def test_a_guardian_is_kept_as_written_and_replaced_as_a_whole(records: Records) -> None:
    user_id = await records.user_for(ISSUER, str(uuid4()))
    assert (await records.save_guardian(user_id, GUARDIAN)).guardian == GUARDIAN
    moved = GUARDIAN.model_copy(update={"phone": "+44 20 7946 0000", "last_name": "Núñez"})
    await records.save_guardian(user_id, moved)
    assert (await records.profile(user_id)).guardian == moved


async def test_how_a_parent_reads_is_kept_apart_from_who_they_are(
    records: Records, family: Household
) -> None:
    reader = Reader(locale="fr_CA", time_zone="America/Toronto")
    row = await family.draft()
    assert (await records.dossier(row.id)).reader == Reader()

    await records.save_reader(family.user_id, reader)

    assert (await records.payer(family.user_id)).reader == reader
    profile = await records.save_guardian(family.user_id, GUARDIAN)
    assert (profile.reader, profile.guardian) == (reader, GUARDIAN)
    assert (await records.dossier(row.id)).reader == reader
    with pytest.raises(RecordMissing):
        await records.save_reader(uuid4(), reader)


async def test_of_one_child_added_many_times_at_once_it_is_there_once(family: Household) -> None:
    new = NewChild(first_name="Cleo", last_name="O'Brien", birth_date=date(2021, 3, 4))
    asked = [family.records.add_child(family.user_id, new, family.child_ids) for _ in range(4)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    (added,) = (answer for answer in answers if isinstance(answer, Child))
    assert sum(isinstance(answer, Conflict) for answer in answers) == 3
    assert await family.records.children(family.user_id) == [*family.children, added]


async def test_a_child_is_not_added_by_who_does_not_know_the_others(family: Household) -> None:
    new = NewChild(first_name="Cleo", last_name="O'Brien", birth_date=date(2021, 3, 4))
    for known in ((), family.child_ids[:1]):
        with pytest.raises(Conflict):
            await family.records.add_child(family.user_id, new, known)
    assert await family.records.children(family.user_id) == list(family.children)


async def test_twins_are_two_children(family: Household) -> None:
    twin = NewChild(first_name="Ida", last_name="O'Brien", birth_date=family.children[0].birth_date)
    added = await family.records.add_child(family.user_id, twin, family.child_ids)
    assert added.id not in family.child_ids
    assert added in await family.records.children(family.user_id)


async def test_how_a_user_pays_is_read_without_who_they_are(family: Household) -> None:
    payer = await family.records.payer(family.user_id)
    assert type(payer) is Payer
    assert (payer.card, payer.stripe_customer_id) == (CARD, family.customer_id)
    assert await family.records.save_customer(family.user_id, family.customer_id) == payer


async def test_a_user_sees_no_other_users_children(
    family: Household, other_family: Household
) -> None:
    own = await family.records.children(family.user_id)
    assert not {child.id for child in own} & set(other_family.child_ids)


async def test_the_first_customer_saved_stays(family: Household) -> None:
    profile = await family.records.save_customer(family.user_id, f"cus_{uuid4().hex}")
    assert profile.stripe_customer_id == family.customer_id


async def test_a_card_replaces_the_one_before_it(family: Household) -> None:
    await family.records.save_card_setup(family.user_id, "cs_second")
    profile = await family.records.save_card(family.user_id, "cs_second", card("pm_second"))
    assert profile.card == card("pm_second")
    assert (await family.records.profile(family.user_id)).card == card("pm_second")


async def test_of_two_sessions_started_at_once_the_first_one_stays(family: Household) -> None:
    await family.records.save_card_setup(family.user_id, "cs_first")
    profile = await family.records.save_card_setup(family.user_id, "cs_second")
    assert profile.setup_session_id == "cs_first"
    kept = await family.records.save_card(family.user_id, "cs_first", card("pm_first"))
    assert kept.card == card("pm_first")


async def test_a_card_of_an_outdated_session_is_not_kept(family: Household) -> None:
    await family.records.save_card_setup(family.user_id, "cs_old")
    started = await family.records.save_card_setup(family.user_id, "cs_new", "cs_old")
    assert started.setup_session_id == "cs_new"
    profile = await family.records.save_card(family.user_id, "cs_old", card("pm_old"))
    assert profile.card == CARD
