import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable

import jwt
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.mcp_server.issuer import KEY_ID, Issuer, new_key, public_pem
from tests.mcp_server.world import PUBLIC_HOST, World, running

pytestmark = pytest.mark.asyncio(loop_scope="module")

OTHER_KEY = new_key()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(key: RSAPrivateKey) -> AsyncIterator[World]:
    """One server for this file: nobody in it ever gets in."""
    async with running(Issuer(key)) as world:
        yield world


def unsigned(issuer: Issuer) -> str:
    return jwt.encode(issuer.claims("ann"), None, algorithm="none", headers={"kid": KEY_ID})  # pyright: ignore[reportArgumentType]  # what an attacker would do


def signed_with_the_public_key_as_secret(issuer: Issuer) -> str:
    """PyJWT refuses to make it, so it is made by hand."""

    def part(content: bytes) -> bytes:
        return base64.urlsafe_b64encode(content).rstrip(b"=")

    header = part(json.dumps({"alg": "HS256", "typ": "JWT", "kid": KEY_ID}).encode())
    signed = header + b"." + part(json.dumps(issuer.claims("ann")).encode())
    mac = hmac.new(public_pem(issuer.key), signed, hashlib.sha256).digest()
    return (signed + b"." + part(mac)).decode()


def signed_otherwise(issuer: Issuer, algorithm: str) -> str:
    return jwt.encode(
        issuer.claims("ann"), issuer.key, algorithm=algorithm, headers={"kid": KEY_ID}
    )


def signed_by_another(issuer: Issuer) -> str:
    return jwt.encode(issuer.claims("ann"), OTHER_KEY, algorithm="RS256", headers={"kid": KEY_ID})


def without_key_id(issuer: Issuer) -> str:
    return jwt.encode(issuer.claims("ann"), issuer.key, algorithm="RS256")


def nested_beyond_reason(_: Issuer) -> str:
    header = base64.urlsafe_b64encode(b"[" * 6_000).decode().rstrip("=")
    return f"{header}.e30.AA"


def altered(issuer: Issuer) -> str:
    header, _, signature = issuer.token("ann").split(".")
    claims = json.dumps(issuer.claims("bea")).encode()
    return f"{header}.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.{signature}"


FALSE_TOKENS: dict[str, Callable[[Issuer], str | None]] = {
    "none": lambda _: None,
    "an empty one": lambda _: "",
    "garbage": lambda _: "garbage",
    "dots": lambda _: "..",
    "unprintable garbage": lambda _: "\xff\xfe.\xff.\xff",
    "a nested header": nested_beyond_reason,
    "a huge one": lambda i: i.token("ann", padding="x" * 20_000),
    "algorithm none": unsigned,
    "HS256 with the public key": signed_with_the_public_key_as_secret,
    "RS512": lambda i: signed_otherwise(i, "RS512"),
    "PS256": lambda i: signed_otherwise(i, "PS256"),
    "another key": signed_by_another,
    "no key id": without_key_id,
    "altered claims": altered,
    "expired": lambda i: i.token("ann", exp=int(time.time()) - 2),
    "not valid yet": lambda i: i.token("ann", nbf=int(time.time()) + 60),
    "no expiry": lambda i: i.token("ann", exp=None),
    "wrong audience": lambda i: i.token("ann", aud="https://other.example/mcp"),
    "no audience": lambda i: i.token("ann", aud=None),
    "wrong issuer": lambda i: i.token("ann", iss="https://evil.example/"),
    "issuer without its slash": lambda i: i.token("ann", iss=i.url.rstrip("/")),
    "no issuer": lambda i: i.token("ann", iss=None),
    "no subject": lambda i: i.token("ann", sub=None),
    "an empty subject": lambda i: i.token("ann", sub=""),
    "an endless subject": lambda i: i.token("ann", sub="x" * 300),
}


@pytest.mark.parametrize("kind", FALSE_TOKENS)
async def test_anything_but_a_good_token_is_answered_with_401(world: World, kind: str) -> None:
    token = FALSE_TOKENS[kind](world.issuer)
    answer = await world.post(token)
    assert answer.status_code == 401
    challenge = answer.headers["WWW-Authenticate"]
    assert challenge.startswith("Bearer ")
    metadata = f"https://{PUBLIC_HOST}/.well-known/oauth-protected-resource/mcp"
    assert f'resource_metadata="{metadata}"' in challenge
    assert world.records.identities == {}


async def test_another_scheme_than_bearer_is_answered_with_401(world: World) -> None:
    token = world.issuer.token("ann")
    assert (await world.post(None, Authorization=f"Basic {token}")).status_code == 401
