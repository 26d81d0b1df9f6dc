"""Bearer tokens for users of the sandbox."""

import re
from datetime import UTC, datetime, timedelta

from sandbox.complaint import SandboxError
from sandbox.issuer.signing_keys import SigningKeys

LIFETIME = timedelta(hours=24)
SCOPE = "openid registrations"
"""The second is what the MCP server asks for."""


def subject(user: str) -> str:
    """The subject a user's tokens carry: of Auth0's form, provider and name, and no uuid.

    Raises:
        SandboxError: the name is empty, too long, or holds other characters.
    """
    if not re.fullmatch(r"[A-Za-z0-9._@-]{1,64}", user):
        raise SandboxError(
            "A user's name has 1 to 64 characters: letters, digits, and any of . _ @ -"
        )
    return f"local|{user}"


def mint(
    keys: SigningKeys,
    *,
    issuer: str,
    audience: str,
    user: str,
    lifetime: timedelta = LIFETIME,
    scope: str = SCOPE,
) -> str:
    """A token as Auth0 would issue it. A negative lifetime makes an expired one.

    Raises:
        SandboxError: the user's name is malformed.
    """
    now = datetime.now(UTC)
    return keys.sign(
        {
            "iss": issuer,
            "sub": subject(user),
            "aud": audience,
            "iat": int((now if lifetime > timedelta(0) else now + 2 * lifetime).timestamp()),
            "exp": int((now + lifetime).timestamp()),
            "scope": scope,
        }
    )
