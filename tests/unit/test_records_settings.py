"""SUPABASE_SERVICE_ROLE_KEY: under which role a program acts, and what goes with it."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from unittest import mock

import jwt
import pytest

from gateways.sealed_fields import SealedFields
from key_settings import SERVICE_ROLE
from settings import RecordsSettings, SettingsError
from tests.field_keys import FIRST, SECOND
from tests.mandates import seed

WORKER = jwt.encode({"role": "signupassist_worker"}, "s" * 32)
SECRET = "sb_secret_made_up"
PUBLIC = "sb_publishable_made_up"


@contextmanager
def given(key: str, public: str = "") -> Generator[RecordsSettings]:
    told = {
        "SUPABASE_URL": "http://127.0.0.1:1",
        "SUPABASE_SERVICE_ROLE_KEY": key,
        "SUPABASE_ANON_KEY": public,
    }
    with mock.patch.dict(os.environ, told):
        yield RecordsSettings.load()


@pytest.mark.parametrize("key", [SECRET, jwt.encode({"role": "service_role"}, "s" * 32)])
@pytest.mark.parametrize("public", ["", PUBLIC])
def test_a_project_s_secret_key_may_do_everything_and_goes_alone(key: str, public: str) -> None:
    with given(key, public) as settings:
        assert settings.role == SERVICE_ROLE
        assert settings.beside is None


def test_a_program_s_token_names_its_role_and_goes_with_the_public_key() -> None:
    with given(WORKER, PUBLIC) as settings:
        assert settings.role == "signupassist_worker"
        assert settings.beside is not None
        assert settings.beside.get_secret_value() == PUBLIC


def test_a_program_s_token_without_the_public_key_is_refused_before_anything_starts() -> None:
    with (
        pytest.raises(SettingsError, match=r"^SUPABASE_ANON_KEY is missing: the project's public"),
        given(WORKER),
    ):
        pass


def test_no_key_is_shown() -> None:
    with given(WORKER, PUBLIC) as settings:
        assert WORKER not in repr(settings)
        assert PUBLIC not in repr(settings)


def test_the_keys_of_people_s_fields_are_read_and_not_shown() -> None:
    keys = {"FIELD_KEYS": f"plain,{FIRST},{SECOND}"}
    with mock.patch.dict(os.environ, keys), given(SECRET) as it:
        assert SealedFields(it.field_keys).names == ("first", "second")
        assert seed(21) not in repr(it)


def test_malformed_keys_of_people_s_fields_are_named_before_anything_starts() -> None:
    with (
        mock.patch.dict(os.environ, {"FIELD_KEYS": f"{FIRST},second:short"}),
        pytest.raises(SettingsError, match=r"FIELD_KEYS is malformed \(entry 2 is not NAME:KEY"),
        given(SECRET),
    ):
        pass
