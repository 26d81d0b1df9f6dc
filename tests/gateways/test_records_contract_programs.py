from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from domain.errors import RecordRejected
from domain.programs import OpeningSource, Program, ProviderAccount
from gateways.protocols.records import Records
from tests.gateways.households import Household, some_program


async def names(records: Records, text: str | None, org_ref: str, limit: int = 50) -> list[str]:
    return [found.program.name for found in await records.find_programs(text, org_ref, limit)]


async def save(family: Household, event_id: str, **changes: object) -> Program:
    program = some_program(family.program.org_ref, event_id=event_id, **changes)
    return await family.records.save_program(program)


async def test_a_program_is_read_back_as_it_was_saved(family: Household) -> None:
    saved = await save(
        family,
        "E2",
        name="Été à la piscine",
        opens_at=None,
        opening_source=OpeningSource.PROVIDER_PAGE,
        currency="EUR",
        people_category="Cadults",
    )
    found = await family.records.program(saved.org_ref, saved.program_ref, "E2")
    assert found is not None
    assert found.program == saved
    assert found.organisation == "Community Pool"


async def test_an_unknown_program_is_none(family: Household) -> None:
    assert await family.records.program(family.program.org_ref, "P100", "no-such-event") is None


async def test_saving_the_same_event_again_changes_it_and_keeps_its_id(family: Household) -> None:
    dearer = some_program(family.program.org_ref, price_cents=13_000)
    saved = await family.records.save_program(dearer)
    assert saved == dearer.model_copy(update={"id": family.program.id})
    found = await family.records.find_programs(None, family.program.org_ref, 10)
    assert [each.program for each in found] == [saved]


async def test_a_program_needs_its_provider_account(records: Records) -> None:
    with pytest.raises(RecordRejected) as refused:
        await records.save_program(some_program(f"org-{uuid4().hex}"))
    assert refused.value.code == "unknown_account"


async def test_an_account_saved_again_is_renamed(family: Household) -> None:
    org_ref = family.program.org_ref
    await family.records.save_provider_account(
        ProviderAccount(org_ref=org_ref, name="City Pool", credentials_ref="city")
    )
    (found,) = await family.records.find_programs(None, org_ref, 10)
    assert found.organisation == "City Pool"


async def test_programs_are_found_soonest_opening_first_and_unknown_openings_last(
    family: Household,
) -> None:
    now = datetime.now(UTC)
    await save(family, "E2", name="Judo", opens_at=None)
    await save(family, "E3", name="Chess", opens_at=now + timedelta(minutes=5))
    await save(family, "E4", name="Ballet", opens_at=now + timedelta(days=2))
    org_ref = family.program.org_ref
    assert await names(family.records, None, org_ref) == ["Chess", "Swimming", "Ballet", "Judo"]
    assert await names(family.records, None, org_ref, limit=2) == ["Chess", "Swimming"]


async def test_a_program_that_has_begun_is_not_found(family: Household) -> None:
    now = datetime.now(UTC)
    await save(
        family,
        "E2",
        name="Begun",
        starts_at=now - timedelta(minutes=1),
        ends_at=now + timedelta(hours=1),
    )
    assert await names(family.records, "Begun", family.program.org_ref) == []


async def test_text_is_searched_in_any_case_and_taken_literally(family: Household) -> None:
    await save(family, "E2", name="100% fun_club")
    org_ref = family.program.org_ref
    assert await names(family.records, "swiMM", org_ref) == ["Swimming"]
    assert await names(family.records, "100%", org_ref) == ["100% fun_club"]
    assert await names(family.records, "%", org_ref) == ["100% fun_club"]
    assert await names(family.records, "fun_", org_ref) == ["100% fun_club"]
    assert await names(family.records, "_", org_ref) == ["100% fun_club"]
    assert await names(family.records, "\\", org_ref) == []


async def test_programs_of_every_organisation_are_found_without_one(
    family: Household, other_family: Household
) -> None:
    mark = uuid4().hex
    await save(family, "E9", name=f"Camp {mark}")
    await save(other_family, "E9", name=f"Camp {mark}")
    found = await family.records.find_programs(mark, None, 10)
    assert {each.program.org_ref for each in found} == {
        family.program.org_ref,
        other_family.program.org_ref,
    }
