"""Mandates as JSON Web Tokens, signed with Ed25519 (RFC 7519, RFC 8037)."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from pydantic import SecretStr

from domain.errors import MandateForged, MandateKeyUnknown, NoSigningKey
from domain.mandates import AUDIENCE, ISSUER, MOST_TOKEN, MandateClaims, SignedClaims

ALGORITHM = "EdDSA"
"""Pinned: a token never chooses how it is verified."""

KIND = "mandate+jwt"
"""The header's `typ`: nothing else that might one day be signed with these keys is a mandate."""

MALFORMED = "mandate keys must read NAME:SEED or NAME:pub:KEY, separated by commas"

_REQUIRED = [name for name, field in MandateClaims.model_fields.items() if field.is_required()]


class SignedMandates:
    """The Protocol `Mandates`, over keys of our own.

    Args of construction:
        keys: `NAME:SEED` and `NAME:pub:KEY`, separated by commas; seed and public key are 32 bytes
            in base64url. The first signs, where it has a seed; all verify. None for no key at all:
            then no token can be verified.

    Raises:
        ValueError: they are malformed; the message quotes none.
    """

    def __init__(self, keys: SecretStr | None) -> None:
        self._signing: tuple[str, Ed25519PrivateKey] | None = None
        self._verifying: dict[str, Ed25519PublicKey] = {}
        entries = keys.get_secret_value().split(",") if keys else []
        for place, entry in enumerate(entries):
            name, secret, public = _key(entry.strip())
            if secret is not None and place == 0:
                self._signing = (name, secret)
            self._verifying[name] = public

    def sign(self, claims: MandateClaims) -> SecretStr:
        """The claims as a token, by the first key."""
        if self._signing is None:
            raise NoSigningKey("no key to sign mandates with is given: see MANDATE_SIGNING_KEYS")
        name, key = self._signing
        return SecretStr(
            jwt.encode(
                claims.model_dump(mode="json", exclude_none=True),
                key,
                algorithm=ALGORITHM,
                headers={"kid": name, "typ": KIND},
            )
        )

    def read(self, token: SecretStr | None) -> SignedClaims:
        """What the token says, if any of the keys signed it."""
        if token is None:
            raise MandateForged("it is not signed")
        text = token.get_secret_value()
        if len(text) > MOST_TOKEN:
            raise MandateForged("it is longer than any mandate")
        try:
            return self._verified(text)
        # RecursionError: a header or payload nested thousands deep. What was caught may quote it.
        except (jwt.PyJWTError, ValueError, RecursionError) as fault:
            why = f"it is no token that we signed ({type(fault).__name__})"
        raise MandateForged(why)

    def public_keys(self) -> str:
        """What verifies, `NAME:pub:KEY` each."""
        return ",".join(
            f"{name}:pub:{urlsafe_b64encode(key.public_bytes_raw()).rstrip(b'=').decode()}"
            for name, key in self._verifying.items()
        )

    def _verified(self, text: str) -> SignedClaims:
        header = jwt.get_unverified_header(text)
        key_id = header.get("kid")
        if header.get("alg") != ALGORITHM or header.get("typ") != KIND:
            raise MandateForged("it is no mandate: its header names another algorithm or kind")
        if not isinstance(key_id, str):
            raise MandateForged("it is no mandate: it names no key")
        if key_id not in self._verifying:
            raise MandateKeyUnknown
        claims = jwt.decode(  # pyright: ignore[reportUnknownMemberType]  # options are half typed
            text,
            self._verifying[key_id],
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=ISSUER,
            # Whether it has expired is asked at a given instant, with all else that may be wrong.
            options={"require": _REQUIRED, "verify_exp": False},
        )
        return SignedClaims(claims=MandateClaims.model_validate(claims), key_id=key_id)


def _key(entry: str) -> tuple[str, Ed25519PrivateKey | None, Ed25519PublicKey]:
    match entry.split(":"):
        case [name, "pub", public]:
            return name, None, Ed25519PublicKey.from_public_bytes(_bytes(public))
        case [name, seed]:
            key = Ed25519PrivateKey.from_private_bytes(_bytes(seed))
            return name, key, key.public_key()
        case _:
            raise ValueError(MALFORMED)


def _bytes(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text.rstrip("=") + "=")
    except ValueError:
        # Not chained: nothing of a key may reach a traceback.
        raise ValueError(MALFORMED) from None
