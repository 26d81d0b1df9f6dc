"""Keys of AES-256-GCM by their names, as the environment gives them."""

from base64 import urlsafe_b64decode

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretStr

PLAIN = "plain"
"""Stands in the first place where nothing is encrypted, and what is can be read."""

NONCE_BYTES = 12
"""Random for each text: good for 2^32 of them under one key (NIST SP 800-38D, 8.3)."""

KEY_BYTES = 32


class NamedKeys:
    """The first encrypts, all decrypt.

    Args of construction:
        keys: `NAME:KEY`, separated by commas; a key is 32 bytes in base64url. `plain` in the first
            place: nothing is encrypted. None for no key at all.
        what: whose keys they are, for a complaint.

    Attributes:
        first: the name of the one that encrypts; None where nothing is encrypted.
        names: of all, in their order.

    Raises:
        ValueError: they are malformed; the message quotes none.
    """

    def __init__(self, keys: SecretStr | None, what: str) -> None:
        entries = [entry.strip() for entry in keys.get_secret_value().split(",")] if keys else []
        plain = entries[:1] == [PLAIN]
        given = (named_key(entry, what) for entry in (entries[1:] if plain else entries))
        self._keys = {name: AESGCM(key) for name, key in given}
        self.first = None if plain else next(iter(self._keys), None)
        self.names = tuple(self._keys)

    def __contains__(self, name: str) -> bool:
        return name in self._keys

    def __getitem__(self, name: str) -> AESGCM:
        return self._keys[name]


def named_key(entry: str, what: str) -> tuple[str, bytes]:
    """The name and the 32 bytes of one `NAME:KEY`.

    Args:
        entry: the text.
        what: whose key it is, for a complaint.

    Raises:
        ValueError: it is malformed; the message quotes nothing of it.
    """
    name, _, text = entry.partition(":")
    try:
        key = urlsafe_b64decode(text.rstrip("=") + "=")
    except ValueError:
        key = b""
    # Outside of the handler: nothing of a key may reach a traceback.
    if len(key) != KEY_BYTES:
        raise ValueError(f"{what} must read NAME:KEY, separated by commas")
    return name, key
