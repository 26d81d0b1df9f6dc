"""PAYLOAD_KEYS: off where unset, and what is said of keys that cannot be used."""

import os
from contextlib import AbstractContextManager
from unittest import mock

import pytest

from connection import connect_temporal
from gateways.payload_codec import AesGcmCodec
from settings import PayloadSettings, SettingsError
from tests.mandates import seed
from tests.payload_keys import NEW, OLD


def given(keys: str) -> AbstractContextManager[object]:
    return mock.patch.dict(os.environ, {"PAYLOAD_KEYS": keys, "TEMPORAL_ADDRESS": "127.0.0.1:1"})


@pytest.mark.parametrize("keys", [NEW, f"{NEW}=", f"{NEW},{OLD}", f" {NEW} , {OLD} "])
def test_keys_of_which_the_first_encrypts_are_taken(keys: str) -> None:
    with given(keys):
        assert AesGcmCodec(PayloadSettings.load().payload_keys).encrypts


@pytest.mark.parametrize("keys", [f"plain,{NEW}", f"plain , {NEW},{OLD}"])
def test_plain_in_the_first_place_is_taken_and_encrypts_nothing(keys: str) -> None:
    with given(keys):
        assert not AesGcmCodec(PayloadSettings.load().payload_keys).encrypts


def test_where_none_are_given_nothing_is_encrypted() -> None:
    with given(""):
        assert PayloadSettings.load().payload_keys is None
    assert not AesGcmCodec(None).encrypts


@pytest.mark.parametrize(
    ("keys", "because"),
    [
        (seed(11), "entry 1 is not NAME:KEY"),
        ("new:tooshort", "entry 1 is not NAME:KEY"),
        (f"{NEW},", "entry 2 is not NAME:KEY"),
        (f"{NEW};{OLD}", "entry 1 is not NAME:KEY"),
        (f"new:pub:{seed(11)}", "entry 1 is not NAME:KEY"),
        (f"{NEW},plain", "entry 2 is not NAME:KEY"),
        ("plain", "no key follows plain"),
        (f"{NEW},new:{seed(11)}", "two keys are named new"),
        (f"{NEW},{OLD},new:{seed(11)},x", "entry 4 is not NAME:KEY"),
        (f"{NEW},{OLD},new:{seed(11)},x", "two keys are named new"),
    ],
)
async def test_every_fault_of_the_keys_is_named_before_anybody_connects_and_no_key_is_shown(
    keys: str, because: str
) -> None:
    with given(keys), pytest.raises(SettingsError) as refused:
        await connect_temporal()
    said = str(refused.value)
    assert said.startswith("PAYLOAD_KEYS is malformed (")
    assert because in said
    assert seed(11) not in said
    assert seed(12) not in said


def test_the_settings_do_not_show_the_keys() -> None:
    with given(NEW):
        assert seed(12) not in repr(PayloadSettings.load())
