"""QUESTION_KEYS: nobody is asked where unset, and what is said of keys that cannot be used."""

import os
from contextlib import AbstractContextManager
from unittest import mock

import pytest

from mcp_server.asking import sealing
from settings import ServerSettings, SettingsError
from tests.mandates import seed

OLD, NEW = seed(21), seed(22)


def given(keys: str) -> AbstractContextManager[object]:
    return mock.patch.dict(
        os.environ, {"QUESTION_KEYS": keys, "PUBLIC_URL": "https://signup.example"}
    )


@pytest.mark.parametrize("keys", [NEW, f"{NEW}=", f"{NEW},{OLD}", f" {NEW} , {OLD}= "])
def test_what_the_first_of_the_keys_seals_every_holder_of_it_opens(keys: str) -> None:
    with given(keys):
        ours = sealing(ServerSettings.load().question_keys)
    with given(f"{OLD},{NEW}"):
        theirs = sealing(ServerSettings.load().question_keys)
    assert ours is not None
    assert theirs is not None
    assert theirs.codec.unseal(ours.codec.seal(b"state")) == b"state"


def test_where_none_are_given_there_is_no_question() -> None:
    with given(""):
        assert sealing(ServerSettings.load().question_keys) is None


@pytest.mark.parametrize(
    ("keys", "because"),
    [
        ("tooshort", "entry 1 is not a key"),
        (f"new:{NEW}", "entry 1 is not a key"),
        (f"{NEW},", "entry 2 is not a key"),
        (f"{NEW};{OLD}", "entry 1 is not a key"),
        (f"{NEW},{NEW}=", "a key is there twice"),
        (f"{NEW},{NEW},x", "entry 3 is not a key"),
    ],
)
def test_every_fault_of_the_keys_is_named_and_no_key_is_shown(keys: str, because: str) -> None:
    with given(keys), pytest.raises(SettingsError) as refused:
        ServerSettings.load()
    said = str(refused.value)
    assert said.startswith("QUESTION_KEYS is malformed (")
    assert because in said
    assert NEW not in said


def test_the_settings_do_not_show_the_keys() -> None:
    with given(NEW):
        assert NEW not in repr(ServerSettings.load())
