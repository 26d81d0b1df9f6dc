"""The digest that ties a confirm to its words, and what it gives away: nothing."""

import hashlib
from datetime import UTC, datetime, timedelta

from domain.registrations import Dossier
from domain.summary import digest_of, still_true
from gateways.fakes.records import InMemoryRecords
from tests.gateways.households import new_household


async def dossier() -> Dossier:
    records = InMemoryRecords()
    family = await new_household(records)
    return await records.dossier((await family.draft()).id)


def with_digest(drafted: Dossier, digest: str) -> Dossier:
    row = drafted.registration.model_copy(update={"summary_digest": digest})
    return drafted.model_copy(update={"registration": row})


async def test_a_changed_word_changes_the_digest() -> None:
    drafted = await dossier()
    now = digest_of(drafted)
    for program in (
        drafted.program.model_copy(update={"name": "Diving"}),
        drafted.program.model_copy(update={"price_cents": 12_501}),
        drafted.program.model_copy(update={"starts_at": datetime.now(UTC) + timedelta(days=9)}),
    ):
        assert digest_of(drafted.model_copy(update={"program": program})) != now
    fewer = {"child_ids": drafted.child_ids[:1]}
    assert digest_of(drafted.model_copy(update=fewer)) != now


async def test_nobody_can_try_names_at_a_digest() -> None:
    drafted = await dossier()
    renamed = tuple(one.model_copy(update={"first_name": "Eve"}) for one in drafted.children)
    assert digest_of(drafted.model_copy(update={"children": renamed})) == digest_of(drafted)


async def test_a_draft_of_a_release_that_put_names_into_its_digest_is_still_confirmed() -> None:
    drafted = await dossier()
    named = digest_of(drafted, tuple(child.first_name for child in drafted.children))
    assert named != digest_of(drafted)
    assert still_true(with_digest(drafted, named))
    assert still_true(with_digest(drafted, digest_of(drafted)))
    assert not still_true(with_digest(drafted, hashlib.sha256(b"other words").hexdigest()))
