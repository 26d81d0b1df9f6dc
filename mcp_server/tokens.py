"""Who may call: bearer tokens of one issuer for one audience, signed with RS256."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

import jwt
from mcp.server.auth.provider import AccessToken

from mcp_server.keys import SigningKeys

ALGORITHM = "RS256"
"""Pinned: neither the token nor the key set chooses how it is verified."""

SCOPE = "registrations"
"""What a token must grant, for all tools alike: each acts or looks for the parent who signed in."""

CLOCK_SKEW = timedelta(seconds=5)
"""How far the issuer's clock may be ahead of ours."""

MAX_TOKEN_CHARS = 16_384
MAX_SUBJECT_CHARS = 255


class BearerTokens:
    """The SDK's `TokenVerifier`: the verified token, or None for everything else."""

    def __init__(self, issuer: str, audience: str, keys: SigningKeys) -> None:
        self._issuer = issuer
        self._audience = audience
        self._keys = keys

    async def verify_token(self, token: str) -> AccessToken | None:
        """The token's claims, when signature, issuer, audience and expiry all hold.

        Whether it grants enough is judged afterwards: that is a 403, not a 401.
        """
        if len(token) > MAX_TOKEN_CHARS:
            return None
        try:
            return await self._verified(token)
        # RecursionError: a header or payload nested thousands deep.
        except (jwt.PyJWTError, ValueError, RecursionError):
            return None

    async def _verified(self, token: str) -> AccessToken | None:
        header = jwt.get_unverified_header(token)
        key_id = header.get("kid")
        if header.get("alg") != ALGORITHM or not isinstance(key_id, str):
            return None
        key = await self._keys.find(key_id)
        if key is None:
            return None
        claims = jwt.decode(  # pyright: ignore[reportUnknownMemberType]  # options are half typed
            token,
            key,
            algorithms=[ALGORITHM],
            audience=self._audience,
            issuer=self._issuer,
            leeway=CLOCK_SKEW,
            options={"require": ["exp", "iss", "aud", "sub"]},
        )
        subject = str(claims["sub"])
        if not 0 < len(subject) <= MAX_SUBJECT_CHARS:
            return None
        return AccessToken(
            token=token,
            client_id=str(claims.get("azp") or claims.get("client_id") or subject),
            scopes=_granted(claims),
            expires_at=int(claims["exp"]),
            subject=subject,
            claims={"iss": self._issuer},
        )


def _granted(claims: Mapping[str, Any]) -> list[str]:
    """The scopes: OAuth says `scope`, Auth0's role-based access says `permissions`."""
    scope: Any = claims.get("scope")
    permissions: Any = claims.get("permissions")
    granted: list[str] = scope.split() if isinstance(scope, str) else []
    if isinstance(permissions, list):
        entries = cast("list[object]", permissions)
        granted.extend(entry for entry in entries if isinstance(entry, str))
    return granted
