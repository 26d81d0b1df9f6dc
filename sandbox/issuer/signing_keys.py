"""The issuer's RSA keys: kept in a folder, the newest one signs, all are published."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm

from sandbox.private import private_folder, write_private

ALGORITHM = "RS256"
BITS = 2048


class SigningKeys:
    """The key files of one folder, named by their key id, which sorts by age."""

    def __init__(self, folder: Path) -> None:
        self._folder = private_folder(folder)

    def ensure(self) -> None:
        """Make the first key where there is none."""
        if not self._files():
            self.rotate()

    def rotate(self) -> str:
        """Make a new key, which signs from now on; older ones still verify. Returns its id."""
        kid = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
        key = generate_private_key(public_exponent=65537, key_size=BITS)
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        write_private(self._folder / f"{kid}.pem", pem.decode())
        return kid

    def sign(self, claims: dict[str, Any]) -> str:
        """A token with those claims, signed by the newest key."""
        self.ensure()
        newest = self._files()[-1]
        return jwt.encode(claims, _read(newest), algorithm=ALGORITHM, headers={"kid": newest.stem})

    def published(self) -> dict[str, Any]:
        """The key set as its well-known address shows it: public halves only."""
        return {"keys": [self._public(file) for file in self._files()]}

    def newest_public_pem(self) -> bytes:
        """The public half of the signing key, as anyone can compute it from the key set."""
        return (
            _read(self._files()[-1])
            .public_key()
            .public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        )

    def _public(self, file: Path) -> dict[str, Any]:
        public = json.loads(RSAAlgorithm.to_jwk(_read(file).public_key()))
        return {**public, "kid": file.stem, "use": "sig", "alg": ALGORITHM}

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("*.pem"))


def _read(file: Path) -> RSAPrivateKey:
    key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError(f"{file} holds no RSA key")
    return key
