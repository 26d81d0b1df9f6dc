"""People on their way into the database and back."""

from datetime import date
from uuid import UUID, uuid4

import pytest

from domain.errors import RecordsUnavailable
from domain.family import Child, Guardian, NewChild
from domain.field_errors import FieldAltered, FieldKeyUnknown
from gateways.supabase_records.kept_people import KeptChild, KeptGuardian, KeptPeople, KeptProfile
from tests.field_keys import FIRST, fields
from tests.gateways.households import GUARDIAN

USER, OTHER = uuid4(), uuid4()
CHILD = NewChild(first_name="Ada", last_name="O'Brien", birth_date=date(2018, 5, 1))
PEOPLE = KeptPeople(fields(FIRST))


def kept_child(child_id: UUID, people: KeptPeople = PEOPLE) -> KeptChild:
    return KeptChild.model_validate(people.sealed_child(USER, child_id, CHILD))


def kept_profile(user_id: UUID = USER) -> KeptProfile:
    guardian = KeptGuardian.model_validate(PEOPLE.sealed_guardian(USER, GUARDIAN))
    return KeptProfile(user_id=user_id, guardian=guardian)


def test_every_field_that_says_who_somebody_is_is_sealed() -> None:
    sealed = PEOPLE.sealed_guardian(USER, GUARDIAN)
    assert sealed.keys() == Guardian.model_fields.keys()
    child = PEOPLE.sealed_child(USER, uuid4(), CHILD)
    assert child.keys() == Child.model_fields.keys()
    del child["id"]
    assert {fields().key_of(text) for text in (*sealed.values(), *child.values())} == {"first"}


def test_people_come_back_as_they_were() -> None:
    child_id = uuid4()
    assert PEOPLE.child(USER, kept_child(child_id)) == Child(id=child_id, **CHILD.model_dump())
    assert PEOPLE.profile(kept_profile()).guardian == GUARDIAN


def test_a_child_under_another_id_or_another_parent_is_refused() -> None:
    kept = kept_child(uuid4())
    with pytest.raises(FieldAltered):
        PEOPLE.child(USER, kept.model_copy(update={"id": uuid4()}))
    with pytest.raises(FieldAltered):
        PEOPLE.child(OTHER, kept)
    with pytest.raises(FieldAltered):
        PEOPLE.profile(kept_profile(OTHER))


def test_one_field_of_a_child_in_the_place_of_another_is_refused() -> None:
    kept = kept_child(uuid4())
    with pytest.raises(FieldAltered):
        PEOPLE.child(USER, kept.model_copy(update={"last_name": kept.first_name}))


def test_without_its_key_nobody_is_read() -> None:
    with pytest.raises(FieldKeyUnknown):
        KeptPeople(fields()).child(USER, kept_child(uuid4()))


def test_what_is_no_person_is_not_read_and_not_quoted() -> None:
    kept = kept_child(uuid4(), KeptPeople(fields()))
    with pytest.raises(RecordsUnavailable) as refused:
        PEOPLE.child(USER, kept.model_copy(update={"birth_date": "someday"}))
    assert (str(refused.value), refused.value.__context__) == ("a child could not be read", None)
