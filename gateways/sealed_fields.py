"""Texts that say who somebody is, sealed so that the database keeps them and cannot read them."""

import os
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.exceptions import InvalidTag
from pydantic import SecretStr

from domain.errors import RecordRejected
from domain.field_errors import FieldAltered, FieldKeyUnknown
from domain.fields import FieldPlace
from gateways.named_keys import NONCE_BYTES, NamedKeys

PREFIX = "sealed:"
"""How every sealed text begins, and no other that is kept."""

_SEALED = re.compile(
    r"sealed:1:(?P<key>[A-Za-z0-9][A-Za-z0-9._-]{0,39}):(?P<box>[A-Za-z0-9_-]{38,})"
)
"""The form, its version, the key's name, nonce and ciphertext. `app.field_key` reads the same."""

PURPOSE = "signupassist field 1"
"""Bound to what is sealed: it counts for nothing anywhere else."""


class SealedFields:
    """AES-256-GCM over one text, bound to the table, column, row and owner where it stands.

    A text in the clear is read as it is. So the binding shows a sealed text that was moved or
    altered; that somebody put a clear one in its place is for the database to refuse
    (`demand_sealed_fields`).

    Args of construction:
        keys: as for `NamedKeys`: the first seals, all open.

    Attributes:
        first: the name of the key that seals; None where nothing is sealed.
        names: of all keys, in their order.

    Raises:
        ValueError: they are malformed; the message quotes none.
    """

    def __init__(self, keys: SecretStr | None) -> None:
        self._keys = NamedKeys(keys, "field keys")
        self.first = self._keys.first
        self.names = self._keys.names

    def key_of(self, kept: str) -> str | None:
        """The name of the key that a text is sealed with; None for one in the clear."""
        sealed = _SEALED.fullmatch(kept)
        return sealed["key"] if sealed is not None else None

    def seal(self, text: str, place: FieldPlace) -> str:
        """The text as it is to be kept: sealed with the first key, where there is one.

        Raises:
            RecordRejected: `looks_sealed`, it would be taken for a sealed one.
        """
        if self.first is None:
            if text.startswith(PREFIX):
                raise RecordRejected("looks_sealed", "a text may not begin as a sealed one does")
            return text
        nonce = os.urandom(NONCE_BYTES)
        ciphertext = self._keys[self.first].encrypt(nonce, text.encode(), _bound(self.first, place))
        box = urlsafe_b64encode(nonce + ciphertext).decode().rstrip("=")
        return f"{PREFIX}1:{self.first}:{box}"

    def open(self, kept: str, place: FieldPlace) -> str:
        """The text that is kept there.

        Raises:
            FieldKeyUnknown: it names a key that is not given.
            FieldAltered: it was not sealed for that place with the key that it names.
        """
        if not kept.startswith(PREFIX):
            return kept
        sealed = _SEALED.fullmatch(kept)
        if sealed is None:
            raise FieldAltered("(none)", str(place))
        name = sealed["key"]
        if name not in self._keys:
            raise FieldKeyUnknown(name)
        try:
            box = urlsafe_b64decode(sealed["box"] + "=" * (-len(sealed["box"]) % 4))
            nonce, ciphertext = box[:NONCE_BYTES], box[NONCE_BYTES:]
            return self._keys[name].decrypt(nonce, ciphertext, _bound(name, place)).decode()
        except (InvalidTag, ValueError):
            pass
        # Outside of the handler: what it caught need not be known to anybody.
        raise FieldAltered(name, str(place))


def _bound(key: str, place: FieldPlace) -> bytes:
    return "\x1f".join(
        (PURPOSE, key, place.table, place.column, str(place.row_id), str(place.owner))
    ).encode()
