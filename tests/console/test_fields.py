import re
from typing import Any

import pytest

from domain.fields import CHILDREN, FieldPlace, ResealedPage
from tests.console.cases import flat
from tests.console.command_line import Office
from tests.field_keys import FIRST, SECOND, fields

FIELDS = 5 + 2 * 3 + 1
"""Of a guardian, two children and a draft."""


@pytest.fixture
async def families(office: Office) -> Office:
    await office.family.draft(summary="Register Ada and Bo O'Brien.")
    return office


def given(office: Office, *entries: str) -> None:
    """What FIELD_KEYS says from now on."""
    office.doors.field_keys = fields(*entries)


async def uses(office: Office) -> dict[str | None, int]:
    told = await office.starter.json("fields", "status")
    return {use["key"]: use["fields"] for use in told["uses"]}


async def refusal(office: Office, *options: str) -> str:
    result = await office.starter.run("fields", "rotate", *options)
    assert result.exit_code == 1
    return re.findall(r"\((\w+)\)$", result.stderr.strip())[0]


async def test_what_was_kept_in_the_clear_is_sealed_and_then_nothing_is_left_to_do(
    families: Office,
) -> None:
    assert await uses(families) == {None: FIELDS}
    done = await families.starter.json("fields", "rotate")
    assert (done["key"], done["rows"], done["left"]) == ("first", 1 + 2 + 1, 0)
    assert await uses(families) == {"first": FIELDS}
    assert (await families.starter.json("fields", "rotate"))["rows"] == 0


async def test_a_new_first_key_takes_over_and_the_old_one_is_needed_no_more(
    families: Office,
) -> None:
    await families.starter.json("fields", "rotate")
    given(families, SECOND, FIRST)
    assert await uses(families) == {"first": FIELDS}
    result = await families.starter.run("fields", "rotate")
    assert result.exit_code == 0
    assert "Every field is sealed with second." in result.output
    assert "Needed for backups alone: first." in result.output
    assert await uses(families) == {"second": FIELDS}


async def test_the_status_says_of_each_key_whether_it_is_here(families: Office) -> None:
    await families.starter.json("fields", "rotate")
    for entries, words in (
        ((FIRST,), "first 12 seals"),
        ((SECOND, FIRST), "first 12 opens"),
        ((SECOND,), "first 12 NOT GIVEN"),
        ((SECOND,), "second 0 seals"),
    ):
        given(families, *entries)
        assert words in flat((await families.starter.run("fields", "status")).output)


async def test_what_has_no_key_here_stays_as_it_is_and_says_which_it_lacks(
    families: Office,
) -> None:
    await families.starter.json("fields", "rotate")
    await families.family.draft(summary="Register Ada.")
    given(families, SECOND)
    result = await families.starter.run("fields", "rotate")
    assert result.exit_code == 1
    assert "sealed with first, which FIELD_KEYS does not give here" in flat(result.output)
    assert await uses(families) == {"first": FIELDS, "second": 1}
    given(families, SECOND, FIRST)
    assert (await families.starter.json("fields", "rotate"))["left"] == 0


async def test_a_field_that_was_moved_is_named_by_its_place_and_left(families: Office) -> None:
    await families.starter.json("fields", "rotate")
    sister, brother = families.family.child_ids
    moved = families.records.resealed[CHILDREN, sister]["first_name"]
    families.records.resealed[CHILDREN, brother]["first_name"] = moved
    given(families, SECOND, FIRST)
    result = await families.starter.run("fields", "rotate")
    assert result.exit_code == 1
    assert f"children.first_name of {brother} does not open" in flat(result.output)
    assert await uses(families) == {"first": 1, "second": FIELDS - 1}


async def test_a_row_that_changes_meanwhile_is_taken_in_the_next_pass(
    families: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    reseal = families.records.reseal_fields
    child = families.family.child_ids[0]
    fresh = fields(SECOND).seal("Eve", _first_name(families))

    async def outrun(table: str, page: ResealedPage) -> int:
        if table == CHILDREN:
            monkeypatch.setattr(families.records, "reseal_fields", reseal)
            # Somebody writes the row between its reading and its writing, with a key of their own.
            families.records.resealed[CHILDREN, child]["first_name"] = fresh
        return await reseal(table, page)

    given(families, FIRST, SECOND)
    monkeypatch.setattr(families.records, "reseal_fields", outrun)
    assert (await families.starter.json("fields", "rotate"))["left"] == 0
    kept = families.records.resealed[CHILDREN, child]["first_name"]
    assert fields(FIRST).open(kept, _first_name(families)) == "Eve"


async def test_sealed_fields_are_demanded_and_opened_again(families: Office) -> None:
    sealed = await families.starter.json("fields", "rotate", "--seal")
    assert sealed["demanded_since"]
    shown = await families.starter.run("fields", "status")
    assert "takes sealed fields only" in shown.output
    given(families, "plain", FIRST)
    opened = await families.starter.json("fields", "rotate", "--open")
    assert (opened["key"], opened["left"], opened["demanded_since"]) == (None, 0, None)
    assert await uses(families) == {None: FIELDS}
    assert families.records.resealed[CHILDREN, families.family.child_ids[0]] == {
        "first_name": "Ada",
        "last_name": "O'Brien",
        "birth_date": "2018-05-01",
    }


async def test_sealed_fields_are_not_demanded_while_one_cannot_be_sealed(families: Office) -> None:
    await families.starter.json("fields", "rotate")
    given(families, SECOND)
    assert (await families.starter.run("fields", "rotate", "--seal")).exit_code == 1
    assert families.records.demanded_since is None


async def test_keys_that_do_not_fit_the_wish_are_refused_before_anything_is_written(
    families: Office,
) -> None:
    assert await refusal(families, "--open") == "still_sealing"
    given(families, "plain", FIRST)
    assert await refusal(families) == await refusal(families, "--seal") == "plain_first"
    given(families)
    assert await refusal(families) == await refusal(families, "--open") == "no_field_keys"
    assert (await families.starter.run("fields", "rotate", "--open", "--seal")).exit_code == 2
    assert families.records.resealed == {}


async def test_no_field_and_no_key_is_ever_printed(families: Office) -> None:
    said = ""
    for entries in ((FIRST,), (SECOND, FIRST), (FIRST,), ("plain", FIRST, SECOND)):
        given(families, *entries)
        for words in (("status",), ("rotate",), ("rotate", "--json"), ("rotate", "--open")):
            said += (await families.starter.run("fields", *words)).output
    shown: set[Any] = {"Ada", "O'Brien", "zoe.obrien", "555-0100", "sealed:", FIRST[6:], SECOND[7:]}
    assert {word for word in shown if word in said} == set()


def _first_name(office: Office) -> FieldPlace:
    return FieldPlace(CHILDREN, "first_name", office.family.child_ids[0], office.family.user_id)
