"""One text sealed: who can read it, and what becomes of it in another place."""

from base64 import urlsafe_b64decode
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr

from domain.errors import RecordRejected
from domain.field_errors import FieldAltered, FieldKeyUnknown
from domain.fields import FieldPlace
from gateways.sealed_fields import SealedFields
from tests.field_keys import FIRST, SECOND, fields
from tests.mandates import seed

NAME = "Zoë O'Brien"
PLACE = FieldPlace("children", "first_name", uuid4(), uuid4())


def test_what_was_sealed_opens_where_it_stands() -> None:
    assert fields(FIRST).open(fields(FIRST).seal(NAME, PLACE), PLACE) == NAME


def test_a_sealed_text_tells_its_key_and_nothing_of_what_is_in_it() -> None:
    sealed = fields(FIRST).seal(NAME, PLACE)
    beginning, _, box = sealed.rpartition(":")
    assert beginning == "sealed:1:first"
    assert fields().key_of(sealed) == "first"
    assert NAME.encode() not in urlsafe_b64decode(box + "==")


def test_the_same_text_never_looks_the_same_twice() -> None:
    assert fields(FIRST).seal(NAME, PLACE) != fields(FIRST).seal(NAME, PLACE)


def test_the_first_key_seals_and_all_open() -> None:
    before, after = fields(FIRST).seal(NAME, PLACE), fields(SECOND, FIRST).seal(NAME, PLACE)
    both = fields(SECOND, FIRST)
    assert (both.key_of(before), both.key_of(after)) == ("first", "second")
    assert both.open(before, PLACE) == both.open(after, PLACE) == NAME


@pytest.mark.parametrize("program", [fields(), fields(FIRST), fields("plain", FIRST)])
def test_a_text_in_the_clear_is_read_with_any_keys_and_with_none(program: SealedFields) -> None:
    assert program.open(NAME, PLACE) == NAME
    assert program.key_of(NAME) is None


@pytest.mark.parametrize("program", [fields(), fields("plain", FIRST)])
def test_nothing_is_sealed_without_keys_or_with_plain_in_front(program: SealedFields) -> None:
    assert program.first is None
    assert program.seal(NAME, PLACE) == NAME


def test_plain_in_front_still_opens_what_is_sealed() -> None:
    assert fields("plain", FIRST).open(fields(FIRST).seal(NAME, PLACE), PLACE) == NAME


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"table": "guardians"},
        {"column": "last_name"},
        {"row_id": UUID(int=1)},
        {"owner": UUID(int=1)},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_text_that_was_moved_is_refused(elsewhere: dict[str, Any]) -> None:
    sealed, moved = fields(FIRST).seal(NAME, PLACE), PLACE._replace(**elsewhere)
    with pytest.raises(FieldAltered, match="the key named first") as refused:
        fields(FIRST).open(sealed, moved)
    assert str(moved) in str(refused.value)
    assert (NAME in str(refused.value), refused.value.__context__) == (False, None)


@pytest.mark.parametrize("place", [20, 40, -2])
def test_a_text_that_was_altered_anywhere_is_refused(place: int) -> None:
    sealed = list(fields(FIRST).seal(NAME, PLACE))
    sealed[place] = "A" if sealed[place] != "A" else "B"
    with pytest.raises(FieldAltered):
        fields(FIRST).open("".join(sealed), PLACE)


@pytest.mark.parametrize("cut", [15, 30, 60])
def test_a_text_that_was_cut_off_is_never_taken_for_a_clear_one(cut: int) -> None:
    with pytest.raises(FieldAltered):
        fields(FIRST).open(fields(FIRST).seal(NAME, PLACE)[:cut], PLACE)


def test_another_key_under_the_same_name_opens_nothing() -> None:
    sealed = fields(FIRST).seal(NAME, PLACE)
    with pytest.raises(FieldAltered):
        fields(f"first:{seed(99)}").open(sealed, PLACE)
    with pytest.raises(FieldAltered):  # also where both names stand for one key
        fields(f"other:{seed(21)}").open(sealed.replace(":first:", ":other:"), PLACE)


@pytest.mark.parametrize("program", [fields(), fields(SECOND), fields("plain", SECOND)])
def test_a_key_that_is_not_given_is_named_and_nothing_else(program: SealedFields) -> None:
    with pytest.raises(FieldKeyUnknown) as unknown:
        program.open(fields(FIRST).seal(NAME, PLACE), PLACE)
    assert unknown.value.key_id == "first"
    assert str(unknown.value) == "the field key named first is not among FIELD_KEYS here"


def test_what_would_be_taken_for_sealed_is_not_kept_in_the_clear() -> None:
    with pytest.raises(RecordRejected) as refused:
        fields().seal("sealed:1:first:it", PLACE)
    assert refused.value.code == "looks_sealed"
    text = fields(FIRST).seal(NAME, PLACE)
    assert fields(FIRST).open(fields(FIRST).seal(text, PLACE), PLACE) == text


@pytest.mark.parametrize("keys", ["first", "first:short", f"{FIRST},", f"{FIRST},plain"])
def test_malformed_keys_are_refused_without_being_shown(keys: str) -> None:
    with pytest.raises(ValueError, match="field keys must read") as refused:
        SealedFields(SecretStr(keys))
    assert refused.value.__context__ is None
    assert seed(21) not in str(refused.value)


def test_the_keys_are_not_shown() -> None:
    program = fields(FIRST, SECOND)
    assert program.names == ("first", "second")
    assert seed(21) not in repr(program) + repr(vars(program))
