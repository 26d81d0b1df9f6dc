"""Tokens of mandates: what is signed, by which key, and what is no token of ours."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr

from domain.errors import MandateForged, MandateKeyUnknown, NoSigningKey
from domain.mandates import AUDIENCE, ISSUER, MOST_TOKEN, MandateClaims
from gateways.signed_mandates import KIND, SignedMandates
from tests.mandate_faults import payload_of, with_payload
from tests.mandates import KEYS, MANDATES, seed

CLAIMS = MandateClaims(
    iss=ISSUER,
    aud=AUDIENCE,
    jti=UUID(int=1),
    sub=UUID(int=2),
    registration_id=UUID(int=3),
    provider="bookeo",
    org_ref="swim-club",
    program_ref="P100",
    event_id="E1",
    child_ids=(UUID(int=4), UUID(int=5)),
    max_total_cents=40_000,
    success_fee_cents=2_000,
    currency="USD",
    exp=1_800_000_000,
)


def keys(*entries: str) -> SignedMandates:
    return SignedMandates(SecretStr(",".join(entries)))


def public(name: str, number: int) -> str:
    (entry,) = keys(f"{name}:{seed(number)}").public_keys().split(",")
    return entry


OLD, NEW = f"old:{seed(1)}", f"new:{seed(2)}"


def test_what_was_signed_is_read_back_with_the_name_of_its_key() -> None:
    read = MANDATES.read(MANDATES.sign(CLAIMS))
    assert (read.claims, read.key_id) == (CLAIMS, "test")


def test_the_same_claims_under_the_same_key_give_the_same_token() -> None:
    assert MANDATES.sign(CLAIMS) == SignedMandates(KEYS).sign(CLAIMS)


def test_a_token_names_its_algorithm_its_kind_and_its_key_and_holds_ids_alone() -> None:
    token = MANDATES.sign(CLAIMS)
    assert jwt.get_unverified_header(token.get_secret_value()) == {
        "alg": "EdDSA",
        "kid": "test",
        "typ": KIND,
    }
    assert payload_of(token) == CLAIMS.model_dump(mode="json")
    assert payload_of(token).keys() == set(MandateClaims.model_fields)


def test_a_token_of_a_release_that_signed_no_fee_is_read_as_saying_nothing_of_it() -> None:
    before = CLAIMS.model_copy(update={"success_fee_cents": None})
    token = MANDATES.sign(before)
    assert payload_of(token).keys() == set(MandateClaims.model_fields) - {"success_fee_cents"}
    assert MANDATES.read(token).claims == before


def test_the_longest_family_fits_into_a_token() -> None:
    many = tuple(UUID(int=number) for number in range(40))
    token = MANDATES.sign(CLAIMS.model_copy(update={"child_ids": many, "program_ref": "P" * 200}))
    assert len(token.get_secret_value()) <= MOST_TOKEN
    assert MANDATES.read(token).claims.child_ids == many


def test_after_a_rotation_the_new_key_signs_and_the_old_one_still_verifies() -> None:
    before = keys(OLD).sign(CLAIMS)
    rotated = keys(NEW, OLD)

    assert rotated.read(before).key_id == "old"
    assert rotated.read(rotated.sign(CLAIMS)).key_id == "new"


def test_a_retired_key_verifies_and_signs_nothing() -> None:
    before = keys(OLD).sign(CLAIMS)
    retired = public("old", 1)

    assert keys(NEW, retired).read(before).key_id == "old"
    with pytest.raises(NoSigningKey):
        keys(retired).sign(CLAIMS)
    with pytest.raises(NoSigningKey):
        keys(retired, NEW).sign(CLAIMS)


def test_what_a_key_signed_that_is_not_given_here_is_neither_believed_nor_called_forged() -> None:
    with pytest.raises(MandateKeyUnknown, match="not known here"):
        keys(NEW).read(keys(OLD).sign(CLAIMS))


def test_without_any_key_nothing_is_signed_and_nothing_believed() -> None:
    none = SignedMandates(None)
    with pytest.raises(NoSigningKey):
        none.sign(CLAIMS)
    with pytest.raises(MandateKeyUnknown):
        none.read(MANDATES.sign(CLAIMS))
    assert none.public_keys() == ""


def test_the_public_keys_verify_what_the_others_signed() -> None:
    both = keys(NEW, OLD)
    verifying = SignedMandates(SecretStr(both.public_keys()))
    assert verifying.read(both.sign(CLAIMS)) == both.read(both.sign(CLAIMS))
    assert seed(2) not in both.public_keys()


def _claims(**changes: object) -> dict[str, object]:
    return {**CLAIMS.model_dump(mode="json"), **changes}


OWN = Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32)


def _made(
    payload: dict[str, object], algorithm: str = "EdDSA", key: Any = OWN, **header: Any
) -> str:
    headers = {"kid": "test", "typ": KIND, **header}
    told = {name: value for name, value in headers.items() if value is not None}
    return jwt.encode(payload, key, algorithm=algorithm, headers=told)


PUBLIC = OWN.public_key().public_bytes_raw()

FORGED: dict[str, Callable[[], str]] = {
    "nothing": lambda: "",
    "no token": lambda: "mandate",
    "three empty parts": lambda: "..",
    "another key of the same name": lambda: keys(f"test:{seed(8)}").sign(CLAIMS).get_secret_value(),
    "no name of a key": lambda: _made(_claims(), kid=None),
    "altered claims": lambda: with_payload(
        MANDATES.sign(CLAIMS), _claims(max_total_cents=90_000)
    ).get_secret_value(),
    "no algorithm": lambda: _made(_claims(), "none", None),
    "the public key as a secret": lambda: _made(_claims(), "HS256", PUBLIC),
    "another kind of token": lambda: _made(_claims(), typ="JWT"),
    "an extension that must be understood": lambda: _made(_claims(), crit=["b64"]),
    "another issuer": lambda: _made(_claims(iss="elsewhere")),
    "another audience": lambda: _made(_claims(aud="elsewhere")),
    "a claim too few": lambda: _made(
        {name: value for name, value in _claims().items() if name != "event_id"}
    ),
    "a claim of another type": lambda: _made(_claims(child_ids="all of them")),
    "an amount below zero": lambda: _made(_claims(max_total_cents=-1)),
    "too long": lambda: _made(_claims(program_ref="P" * MOST_TOKEN)),
}


@pytest.mark.parametrize("what", FORGED)
@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_what_is_no_mandate_of_ours_is_never_read(what: str) -> None:
    with pytest.raises(MandateForged) as forged:
        MANDATES.read(SecretStr(FORGED[what]()))
    assert forged.value.__cause__ is None
    assert str(CLAIMS.sub) not in str(forged.value)


def test_one_that_has_expired_is_read_because_the_question_when_is_another() -> None:
    past = CLAIMS.model_copy(update={"exp": 1})
    assert MANDATES.read(MANDATES.sign(past)).claims == past


@pytest.mark.parametrize(
    "malformed",
    ["", "k", "k:short", f"k:pub:{seed(1)[:-2]}", f"k:priv:{seed(1)}", f"a:b:c:{seed(1)}"],
)
def test_malformed_keys_are_refused_and_not_quoted(malformed: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        SignedMandates(SecretStr(malformed or ","))
    assert seed(1)[:-2] not in str(refused.value)
    assert refused.value.__cause__ is None
