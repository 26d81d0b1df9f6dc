"""Tokens of the outside issuer: hosted Supabase takes them under third-party auth."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from supabase import Client

from sandbox.issuer.signing_keys import SigningKeys
from sandbox.issuer.tokens import mint
from sandbox.up import Stack
from tests.data_api.project import refused, row_of

AsUser = Callable[[str], Client]


@pytest.fixture
def stack(embedded: Stack | None) -> Stack:
    if embedded is None:
        pytest.skip("only the embedded project trusts the sandbox's issuer")
    return embedded


@pytest.fixture
def issuer_keys(stack: Stack) -> SigningKeys:
    return SigningKeys(stack.data / "issuer")


def _token(stack: Stack, keys: SigningKeys, **changes: Any) -> str:
    names: dict[str, Any] = {
        "issuer": stack.env["AUTH_ISSUER"],
        "audience": stack.env["AUTH0_AUDIENCE"],
    }
    return mint(keys, user="ada", **{**names, **changes})


def _segment(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _refusal_code(as_user: AsUser, token: str) -> str | None:
    return refused(lambda: as_user(token).rpc("asking").execute()).code


def test_sql_sees_the_issuer_and_the_subject_of_a_users_token(
    stack: Stack, issuer_keys: SigningKeys, as_user: AsUser
) -> None:
    asking = row_of(as_user(_token(stack, issuer_keys)).rpc("asking").execute())
    assert (asking["iss"], asking["sub"]) == (stack.env["AUTH_ISSUER"], "local|ada")
    assert asking["database_role"] == "authenticated"


def test_a_users_token_cannot_name_its_own_role(
    stack: Stack, issuer_keys: SigningKeys, as_user: AsUser
) -> None:
    claims = jwt.decode(_token(stack, issuer_keys), options={"verify_signature": False})
    proud = issuer_keys.sign({**claims, "role": "service_role"})
    asking = row_of(as_user(proud).rpc("asking").execute())
    assert (asking["role"], asking["database_role"]) == ("authenticated", "authenticated")


def test_a_token_of_a_rotated_key_is_taken_and_so_is_an_older_one(
    stack: Stack, issuer_keys: SigningKeys, as_user: AsUser
) -> None:
    older = _token(stack, issuer_keys)
    issuer_keys.rotate()
    for token in (_token(stack, issuer_keys), older):
        assert row_of(as_user(token).rpc("asking").execute())["sub"] == "local|ada"


def test_an_expired_token_is_refused(
    stack: Stack, issuer_keys: SigningKeys, as_user: AsUser
) -> None:
    late = _token(stack, issuer_keys, lifetime=timedelta(hours=-1))
    assert _refusal_code(as_user, late) == "PGRST303"


def test_a_token_without_an_end_is_refused(
    stack: Stack, issuer_keys: SigningKeys, as_user: AsUser
) -> None:
    claims = jwt.decode(_token(stack, issuer_keys), options={"verify_signature": False})
    del claims["exp"]
    assert _refusal_code(as_user, issuer_keys.sign(claims)) == "PGRST303"


def test_a_token_for_another_audience_is_refused(
    stack: Stack, issuer_keys: SigningKeys, as_user: AsUser
) -> None:
    other = _token(stack, issuer_keys, audience="https://elsewhere.example/mcp")
    assert _refusal_code(as_user, other) == "PGRST303"


def test_an_issuer_that_differs_by_its_last_slash_is_refused(
    stack: Stack, issuer_keys: SigningKeys, as_user: AsUser
) -> None:
    almost = _token(stack, issuer_keys, issuer=stack.env["AUTH_ISSUER"].rstrip("/"))
    assert _refusal_code(as_user, almost) == "PGRST303"


def test_a_token_signed_by_a_key_that_is_not_published_is_refused(
    stack: Stack, as_user: AsUser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    strangers = SigningKeys(tmp_path_factory.mktemp("strangers"))
    assert _refusal_code(as_user, _token(stack, strangers)) == "PGRST301"


def test_an_unsigned_token_is_refused(
    stack: Stack, issuer_keys: SigningKeys, as_user: AsUser
) -> None:
    _, claims, _ = _token(stack, issuer_keys).split(".")
    header = _segment(json.dumps({"alg": "none", "typ": "JWT"}).encode())
    for signature in ("", "x"):
        assert _refusal_code(as_user, f"{header}.{claims}.{signature}") == "PGRST301"


def test_a_token_signed_with_the_public_key_as_a_secret_is_refused(
    stack: Stack, issuer_keys: SigningKeys, as_user: AsUser
) -> None:
    _, claims, _ = _token(stack, issuer_keys).split(".")
    header = _segment(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    signed = f"{header}.{claims}"
    forgery = hmac.digest(issuer_keys.newest_public_pem(), signed.encode(), hashlib.sha256)
    assert _refusal_code(as_user, f"{signed}.{_segment(forgery)}") == "PGRST301"
