"""An issuer of tokens that tests can break in every way."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

AUDIENCE = "https://signup.example/mcp"
KEY_ID = "first"


def new_key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


def public_pem(key: RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


class Issuer:
    """Signs tokens, and publishes its keys while `answering` is set, counting the fetches."""

    def __init__(self, key: RSAPrivateKey) -> None:
        self.key = key
        self.url = ""
        self.published: dict[str, RSAPrivateKey] = {KEY_ID: key}
        self.fetches = 0
        self.broken = False
        self.dripping = False
        self.asked = asyncio.Event()
        self.answering = asyncio.Event()
        self.answering.set()

    @property
    def jwks_url(self) -> str:
        return f"{self.url}keys"

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/keys", self._keys)])

    def token(self, user: str, **changes: Any) -> str:
        """A good token of that user, but for the changes; None leaves a claim out."""
        claims = self.claims(user) | changes
        kept = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(kept, self.key, algorithm="RS256", headers={"kid": KEY_ID})

    def claims(self, user: str) -> dict[str, Any]:
        now = int(time.time())
        return {
            "iss": self.url,
            "sub": f"auth0|{user}",
            "aud": AUDIENCE,
            "iat": now,
            "exp": now + 3600,
            "scope": "openid registrations",
        }

    async def _keys(self, _request: Request) -> Response:
        self.fetches += 1
        self.asked.set()
        await self.answering.wait()
        if self.broken:
            return JSONResponse({"keys": "none"}, status_code=500)
        if self.dripping:
            return StreamingResponse(_drops(), media_type="application/json")
        keys = [
            {
                **json.loads(RSAAlgorithm.to_jwk(key.public_key())),
                "kid": key_id,
                "use": "sig",
                "alg": "RS256",
            }
            for key_id, key in self.published.items()
        ]
        return JSONResponse({"keys": keys})


async def _drops() -> AsyncGenerator[bytes]:
    """White space before an answer that never comes, often enough to break no silence."""
    while True:
        yield b" "
        await asyncio.sleep(0.02)
