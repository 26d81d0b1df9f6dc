from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from typer.testing import CliRunner, Result

from sandbox.__main__ import app
from sandbox.up import Stack


def _token(data: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["token", "--data", str(data), *options])


def test_a_token_from_the_command_line_verifies_against_the_published_keys(stack: Stack) -> None:
    token = _token(stack.data, "--user", "ada", "--scope", "a b").stdout.strip()
    published: dict[str, Any] = httpx.get(stack.env["AUTH_JWKS_URL"]).json()
    key = jwt.PyJWKSet.from_dict(published)[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(
        token,
        key,
        algorithms=["RS256"],
        audience=stack.env["AUTH0_AUDIENCE"],
        issuer=stack.env["AUTH_ISSUER"],
    )
    assert (claims["sub"], claims["scope"]) == ("local|ada", "a b")
    assert claims["exp"] - claims["iat"] == 24 * 3600


def test_the_issuer_describes_itself_under_a_name_that_ends_in_a_slash(stack: Stack) -> None:
    issuer = stack.env["AUTH_ISSUER"]
    described = httpx.get(f"{issuer}.well-known/openid-configuration").json()
    assert issuer.endswith("/")
    assert (described["issuer"], described["jwks_uri"]) == (issuer, stack.env["AUTH_JWKS_URL"])


def test_no_private_half_of_a_key_is_published(stack: Stack) -> None:
    (key,) = httpx.get(stack.env["AUTH_JWKS_URL"]).json()["keys"]
    assert key.keys() == {"kty", "n", "e", "kid", "use", "alg", "key_ops"}


@pytest.mark.parametrize("user", ["", "ada lovelace", "a" * 65])
def test_a_malformed_user_is_refused_with_a_sentence(stack: Stack, user: str) -> None:
    refused = _token(stack.data, "--user", user)
    assert refused.exit_code == 1
    assert "1 to 64 characters" in refused.stderr
    assert refused.stdout == ""


def test_a_folder_without_a_sandbox_is_told_how_to_start_one(tmp_path: Path) -> None:
    refused = _token(tmp_path, "--user", "ada")
    assert refused.exit_code == 1
    assert "Start the sandbox first" in refused.stderr
