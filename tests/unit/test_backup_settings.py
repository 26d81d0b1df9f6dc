"""BACKUP_*: what is said of backups, whole or refused; and who is not told."""

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager, AsyncExitStack
from pathlib import Path
from unittest import mock

import pytest

from backup_settings import BackupSettings, MakingSettings, OpeningSettings, forget_backups
from connection import open_own_backups
from domain.backup_errors import BackupsNotConfigured
from settings import SettingsError
from tests.backups import NEW, OLD, due
from tests.mandates import seed

LOGIN = "postgresql://signupassist_backup:secret@127.0.0.1:1/postgres"
WHOLE = {"DATABASE_URL": LOGIN, "BACKUP_KEYS": f"{NEW},{OLD}", "BACKUP_TARGET": "folder:/backups"}


def given(variables: Mapping[str, str]) -> AbstractContextManager[object]:
    return mock.patch.dict(os.environ, variables, clear=True)


async def test_a_worker_that_is_told_nothing_of_backups_refuses_them_by_name() -> None:
    async with AsyncExitStack() as stack:
        with given({"DATABASE_URL": LOGIN}):
            archive = open_own_backups(stack)
        for refused in (
            archive.write(due()),
            archive.stored(),
            archive.remove("a"),
            archive.check(),
        ):
            with pytest.raises(BackupsNotConfigured, match="neither BACKUP_KEYS nor"):
                await refused


@pytest.mark.parametrize("missing", WHOLE)
def test_what_is_said_of_backups_must_be_whole(missing: str) -> None:
    told = {name: value for name, value in WHOLE.items() if name != missing}
    with given(told), pytest.raises(SettingsError, match=f"{missing} is missing: "):
        MakingSettings.load_if_given()


@pytest.mark.parametrize(
    ("variable", "value", "because"),
    [
        ("BACKUP_KEYS", f"plain,{NEW}", "always encrypted"),
        ("BACKUP_KEYS", "new:short", "not NAME:KEY"),
        ("BACKUP_KEYS", f"{NEW},{NEW}", "two keys are named new"),
        ("BACKUP_TARGET", "backups", "malformed"),
        ("BACKUP_TARGET", "folder:backups", "malformed"),
        ("BACKUP_TARGET", "supabase:", "malformed"),
        ("BACKUP_TARGET", "s3:backups", "malformed"),
    ],
)
def test_what_is_malformed_is_named_and_no_key_is_shown(
    variable: str, value: str, because: str
) -> None:
    with given({**WHOLE, variable: value}), pytest.raises(SettingsError) as refused:
        MakingSettings.load()
    said = str(refused.value)
    assert said.startswith(f"{variable} is malformed (")
    assert because in said
    assert seed(22) not in said


def test_a_bucket_needs_a_project_and_a_key_its_own_or_ours() -> None:
    bucket = {"BACKUP_TARGET": "supabase:backups/production"}
    ours = {"SUPABASE_URL": "https://one.example", "SUPABASE_SERVICE_ROLE_KEY": "sb_secret_one"}
    other = {
        "BACKUP_STORAGE_URL": "https://two.example",
        "BACKUP_STORAGE_KEY": "sb_secret_two",
    }
    with given(bucket), pytest.raises(SettingsError) as refused:
        BackupSettings.load()
    assert "BACKUP_STORAGE_URL is missing" in str(refused.value)
    assert "BACKUP_STORAGE_KEY is missing" in str(refused.value)
    with given({**bucket, **ours}):
        settings = BackupSettings.load()
        assert (settings.storage_url, settings.bucket) == (
            "https://one.example",
            "backups/production",
        )
        assert settings.storage_key.get_secret_value() == "sb_secret_one"
    with given({**bucket, **ours, **other}):
        settings = BackupSettings.load()
        assert settings.storage_url == "https://two.example"
        assert settings.storage_key.get_secret_value() == "sb_secret_two"


def test_listing_needs_the_target_alone_and_opening_a_key_too() -> None:
    with given({"BACKUP_TARGET": "folder:/var/lib/signup backups"}):
        assert BackupSettings.load().folder == Path("/var/lib/signup backups")
        with pytest.raises(SettingsError, match="BACKUP_KEYS is missing"):
            OpeningSettings.load()


def test_who_makes_no_backups_forgets_the_way_to_the_database_and_the_keys() -> None:
    with given(
        {**WHOLE, "BACKUP_STORAGE_KEY": "sb_secret_two", "SUPABASE_URL": "http://a.example"}
    ):
        forget_backups()
        assert set(os.environ) == {"SUPABASE_URL"}
