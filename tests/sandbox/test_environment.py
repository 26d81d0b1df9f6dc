from pathlib import Path

import pytest
from pydantic import SecretStr

from gateways.sealed_fields import SealedFields
from gateways.signed_mandates import SignedMandates
from mcp_server.asking import sealing
from sandbox import environment, mandate_keys
from sandbox.complaint import SandboxError
from sandbox.keys import Keys
from sandbox.programs import PORTS
from sandbox.up import Stack
from tests.payload_keys import KEYS


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment in which nothing of the contract is set."""
    for name in environment.variables(dict.fromkeys(PORTS, 1), Keys(), ""):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def _variables() -> dict[str, str]:
    ports = {name: 20_000 + place for place, name in enumerate(PORTS)}
    return environment.variables(ports, Keys(), "postgresql://postgres:secret@127.0.0.1/postgres")


def test_a_variable_that_is_already_set_wins_for_everybody(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("STRIPE_SECRET_KEY", "sk_test_mine")
    bare.setenv("BOOKEO_API_KEY__ELSEWHERE", "theirs")
    found = _variables()
    assert found["STRIPE_SECRET_KEY"] == "sk_test_mine"
    worker = environment.of_program("worker", found)
    assert worker["STRIPE_SECRET_KEY"] == "sk_test_mine"
    assert worker["BOOKEO_API_KEY__ELSEWHERE"] == "theirs"


def test_a_foreign_database_is_refused_before_anything_is_migrated(
    bare: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bare.setenv("DATABASE_URL", "postgresql://elsewhere/production")
    with pytest.raises(SandboxError, match="DATABASE_URL is set"):
        Stack(tmp_path).start()
    assert not (tmp_path / "postgres").exists()


def test_a_public_address_that_is_already_set_names_the_audience(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("PUBLIC_URL", "https://signup.example/")
    assert _variables()["AUTH0_AUDIENCE"] == "https://signup.example/mcp"


def test_a_tenant_of_auth0_replaces_the_local_issuer(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("AUTH0_DOMAIN", "family.example")
    found = _variables()
    assert found["AUTH_ISSUER"] == "https://family.example/"
    assert found["AUTH_JWKS_URL"] == "https://family.example/.well-known/jwks.json"


@pytest.mark.parametrize(
    ("program", "withheld"),
    [
        (
            "worker",
            {
                *("DATABASE_URL", "AUTH_ISSUER", "AUTH0_AUDIENCE", "MCP_PORT"),
                *("STRIPE_WEBHOOK_SECRET", "QUESTION_KEYS"),
            },
        ),
        ("mcp", {"DATABASE_URL", "SMTP_URL", "METRICS_PORT"}),
        ("deploy", {"STRIPE_SECRET_KEY", "BOOKEO_API_KEY", "SMTP_URL", "AUTH_ISSUER"}),
    ],
)
def test_a_program_is_not_told_what_it_has_no_business_with(
    bare: pytest.MonkeyPatch, program: str, withheld: set[str]
) -> None:
    bare.setenv("STRIPE_SIM_CONTROL_TOKEN", "secret")
    told = environment.of_program(program, _variables())
    assert withheld | environment.SANDBOX_ONLY <= _variables().keys()
    assert (withheld | environment.SANDBOX_ONLY).isdisjoint(told)


def test_the_web_is_told_the_keys_that_verify_mandates_and_none_that_signs(
    bare: pytest.MonkeyPatch,
) -> None:
    bare.setenv("MANDATE_SIGNING_KEYS", mandate_keys.made_up() + ",old:pub:" + "A" * 43)
    told = _variables()
    worker = environment.of_program("worker", told)["MANDATE_SIGNING_KEYS"]
    web = environment.of_program("mcp", told)["MANDATE_SIGNING_KEYS"]
    assert worker == told["MANDATE_SIGNING_KEYS"]
    assert web == SignedMandates(SecretStr(worker)).public_keys()
    assert "MANDATE_SIGNING_KEYS" not in environment.of_program("deploy", told)


def test_each_program_is_told_the_key_of_its_own_role_and_no_other(
    bare: pytest.MonkeyPatch,
) -> None:
    del bare
    told = _variables()
    keys = {told[name] for name in (*environment.OWN_KEYS.values(), "SUPABASE_SERVICE_ROLE_KEY")}
    assert len(keys) == 3
    for program, name in environment.OWN_KEYS.items():
        own = environment.of_program(program, told)
        assert own["SUPABASE_SERVICE_ROLE_KEY"] == told[name]
        assert own["SUPABASE_ANON_KEY"] == told["SUPABASE_ANON_KEY"]
        assert keys & set(own.values()) == {told[name]}
    assert keys.isdisjoint(environment.of_program("deploy", told).values())


def test_the_worker_reads_for_backups_as_a_role_of_its_own_and_nobody_else_is_told_of_them(
    bare: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    del bare
    home = environment.BackupHome(tmp_path, "postgresql://signupassist_backup:s@127.0.0.1/postgres")
    told = environment.variables(dict.fromkeys(PORTS, 1), Keys(), "postgresql://owner/", home)
    worker = environment.of_program("worker", told)
    assert worker["DATABASE_URL"] == home.database_url
    assert worker["BACKUP_TARGET"] == f"folder:{tmp_path}"
    assert worker["BACKUP_KEYS"] == told["BACKUP_KEYS"]
    assert "BACKUP_DATABASE_URL" not in worker
    assert told["DATABASE_URL"] not in worker.values()
    for program in ("deploy", "mcp"):
        own = environment.of_program(program, told)
        assert not [name for name in own if name.startswith("BACKUP_")]
        assert home.database_url not in own.values()


def test_of_a_foreign_database_no_backups_are_made_up(
    bare: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bare.setenv("DATABASE_URL", "postgresql://elsewhere/production")
    home = environment.BackupHome(tmp_path, "postgresql://signupassist_backup:s@127.0.0.1/postgres")
    told = environment.variables(dict.fromkeys(PORTS, 1), Keys(), "postgresql://owner/", home)
    assert not [name for name in told if name.startswith("BACKUP_")]


@pytest.mark.parametrize("given", ["SUPABASE_URL", "SUPABASE_SERVICE_ROLE_KEY"])
def test_a_database_or_key_that_is_already_set_is_every_program_s(
    bare: pytest.MonkeyPatch, given: str
) -> None:
    bare.setenv(given, "theirs")
    told = _variables()
    for program in environment.OWN_KEYS:
        own = environment.of_program(program, told)
        assert own[given] == "theirs"
        assert own["SUPABASE_SERVICE_ROLE_KEY"] == told["SUPABASE_SERVICE_ROLE_KEY"]


def test_temporal_s_payloads_are_encrypted_only_where_keys_are_given_and_then_by_all(
    bare: pytest.MonkeyPatch,
) -> None:
    bare.delenv("PAYLOAD_KEYS", raising=False)
    assert "PAYLOAD_KEYS" not in _variables()
    bare.setenv("PAYLOAD_KEYS", KEYS.get_secret_value())
    for program in ("deploy", "worker", "mcp"):
        told = environment.of_program(program, _variables())
        assert told["PAYLOAD_KEYS"] == KEYS.get_secret_value()


def test_every_sandbox_seals_questions_to_parents_with_a_key_of_its_own(
    bare: pytest.MonkeyPatch,
) -> None:
    del bare
    told = environment.of_program("mcp", _variables())
    assert sealing(SecretStr(told["QUESTION_KEYS"])) is not None
    assert told["QUESTION_KEYS"] != _variables()["QUESTION_KEYS"]


def test_people_s_fields_are_sealed_in_the_sandbox_s_own_database_with_a_key_that_stays(
    bare: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert Keys.load(tmp_path).people == Keys.load(tmp_path).people != Keys().people
    told = _variables()
    assert SealedFields(SecretStr(told["FIELD_KEYS"])).first == "sandbox"
    for program in ("worker", "mcp"):
        assert environment.of_program(program, told)["FIELD_KEYS"] == told["FIELD_KEYS"]
    assert "FIELD_KEYS" not in environment.of_program("deploy", told)
    bare.setenv("SUPABASE_URL", "theirs")
    assert "FIELD_KEYS" not in _variables()
    bare.setenv("FIELD_KEYS", "theirs too")
    assert _variables()["FIELD_KEYS"] == "theirs too"


def test_a_sandbox_keeps_the_key_that_signs_its_mandates(tmp_path: Path) -> None:
    assert Keys.load(tmp_path).mandate_signing == Keys.load(tmp_path).mandate_signing
    assert Keys().mandate_signing != Keys().mandate_signing


def test_the_file_gives_back_every_value_and_is_private(tmp_path: Path) -> None:
    given = {"A": "plain", "B": "with space and 'quote'", "C": ""}
    environment.write(tmp_path, given)
    assert environment.read(tmp_path) == given
    assert (tmp_path / environment.FILE_NAME).stat().st_mode & 0o777 == 0o600
