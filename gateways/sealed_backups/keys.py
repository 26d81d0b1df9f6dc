"""Keys of backups, and what is derived from them for one backup alone."""

import gzip
import hmac
import re
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import SecretStr

from domain.backup_errors import BackupDamaged, BackupKeyUnknown
from gateways.named_keys import KEY_BYTES, named_key
from gateways.sealed_backups.manifest import Header

PURPOSE = b"signupassist backup 1 "
"""What a key is used for, and how: it derives other keys for anything else."""

OF_ERASURES = b"signupassist erasures 1"
"""Likewise, of the log of erasures."""

COMPRESSION = 6
"""gzip's usual: more costs twice the time for a few percent."""

_PLACE_BYTES = 11
_MORE, _LAST = b"\0", b"\1"

_NAME = re.compile(r"[A-Za-z0-9._-]{1,40}")


class BackupKeys:
    """The keys among which each backup's is found.

    Args of construction:
        keys: `NAME:KEY`, separated by commas; a key is 32 bytes in base64url. The first encrypts,
            all decrypt.

    Raises:
        ValueError: they are malformed; the message quotes none.
    """

    def __init__(self, keys: SecretStr) -> None:
        entries = [entry.strip() for entry in keys.get_secret_value().split(",")]
        self._keys = dict(named_key(entry, "backup keys") for entry in entries)
        self.first = next(iter(self._keys))

    def witness(self, key_name: str, text: bytes) -> str:
        """What vouches for a line of the log of erasures, as hex digits.

        Raises:
            BackupKeyUnknown: no key of that name is given.
        """
        key = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=OF_ERASURES).derive(
            self._master(key_name)
        )
        return hmac.new(key, text, sha256).hexdigest()

    def seal(self, header: Header) -> "Seal":
        """What encrypts, opens and vouches for the backup with that header.

        Raises:
            BackupKeyUnknown: it names a key that is not given.
        """
        return Seal(self._master(header.key_name), header)

    def _master(self, key_name: str) -> bytes:
        master = self._keys.get(key_name)
        if master is None:
            # Anybody may have written it: what could not be a name is not repeated.
            named = key_name if _NAME.fullmatch(key_name) else "(none)"
            raise BackupKeyUnknown(named)
        return master


class Seal:
    """One backup's keys. They are that backup's alone: its header, salt included, is part of them.

    The chunks are a STREAM (Hoang, Reyhanitabar, Rogaway, Vizár: Online Authenticated-Encryption
    and its Nonce-Reuse Misuse-Resistance, 2015), as age and Tink have it: each under AES-256-GCM,
    its nonce its place and a mark on the last. So none can be altered, left out at any end,
    doubled, or exchanged with another, of this backup or any other.
    """

    def __init__(self, master: bytes, header: Header) -> None:
        derived = HKDF(
            algorithm=SHA256(),
            length=2 * KEY_BYTES,
            salt=bytes.fromhex(header.salt),
            info=PURPOSE + header.text(),
        ).derive(master)
        self._chunks = AESGCM(derived[:KEY_BYTES])
        self._manifest = derived[KEY_BYTES:]

    def close(self, place: int, content: bytes, *, last: bool) -> bytes:
        """The chunk of that place, compressed and encrypted. Once for each place."""
        packed = gzip.compress(content, COMPRESSION, mtime=0)
        return self._chunks.encrypt(_nonce(place, last=last), packed, None)

    def open(self, place: int, sealed: bytes, *, last: bool) -> bytes:
        """What was closed there.

        Raises:
            BackupDamaged: that is not what was closed there, or not the last.
        """
        try:
            packed = self._chunks.decrypt(_nonce(place, last=last), sealed, None)
        except InvalidTag:
            raise BackupDamaged(
                f"Chunk {place} of the backup does not open: it was altered or exchanged, or "
                "another key was given under the name."
            ) from None
        return gzip.decompress(packed)

    def sign(self, manifest: bytes) -> str:
        """What vouches for these bytes, as hex digits."""
        return hmac.new(self._manifest, manifest, sha256).hexdigest()


def _nonce(place: int, *, last: bool) -> bytes:
    return place.to_bytes(_PLACE_BYTES, "big") + (_LAST if last else _MORE)
