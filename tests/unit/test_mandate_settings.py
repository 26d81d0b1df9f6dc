"""MANDATE_SIGNING_KEYS: who needs it, and what is said of one that cannot be used."""

import os
from contextlib import AbstractContextManager
from unittest import mock

import pytest

from gateways.signed_mandates import SignedMandates
from settings import MandateSettings, SettingsError, SigningSettings, VerifyingSettings
from tests.mandates import seed

SIGNS, ONLY_VERIFIES = f"2026:{seed(1)}", f"2025:pub:{seed(2)}"


def given(keys: str) -> AbstractContextManager[object]:
    return mock.patch.dict(os.environ, {"MANDATE_SIGNING_KEYS": keys})


@pytest.mark.parametrize(
    "keys", [SIGNS, f"{SIGNS}=", f"{SIGNS},{ONLY_VERIFIES}", f" {SIGNS} , 2024:{seed(3)} "]
)
def test_a_first_key_that_signs_and_others_that_verify_are_taken(keys: str) -> None:
    with given(keys):
        taken = SigningSettings.load().mandate_signing_keys
    assert SignedMandates(taken).public_keys().startswith("2026:pub:")


def test_a_program_that_signs_needs_the_first_key_to_sign() -> None:
    with given(f"{ONLY_VERIFIES},{SIGNS}"):
        with pytest.raises(SettingsError, match="the first key must be one to sign with"):
            SigningSettings.load()
        assert VerifyingSettings.load().mandate_signing_keys.get_secret_value()


def test_only_a_program_that_neither_signs_nor_must_verify_does_without() -> None:
    with given(""):
        assert MandateSettings.load().mandate_signing_keys is None
        for needs in (VerifyingSettings, SigningSettings):
            with pytest.raises(SettingsError, match="MANDATE_SIGNING_KEYS is missing: keys of"):
                needs.load()


@pytest.mark.parametrize("settings", [MandateSettings, VerifyingSettings, SigningSettings])
@pytest.mark.parametrize(
    ("keys", "because"),
    [
        (seed(1), "key 1 is neither"),
        ("2026:tooshort", "key 1 is neither"),
        (f"{SIGNS},", "key 2 is neither"),
        (f"{SIGNS},2025:private:{seed(2)}", "key 2 is neither"),
        (f"{SIGNS};{ONLY_VERIFIES}", "key 1 is neither"),
        (f"{SIGNS},2026:{seed(2)}", "two keys are named 2026"),
    ],
)
def test_malformed_keys_are_named_by_their_place_and_never_shown(
    settings: type[MandateSettings], keys: str, because: str
) -> None:
    with given(keys), pytest.raises(SettingsError) as refused:
        settings.load()
    said = str(refused.value)
    assert said.startswith("MANDATE_SIGNING_KEYS is malformed (")
    assert because in said
    assert seed(1) not in said
    assert seed(2) not in said
