"""Which accounts were erased, beside the backups that still have them: one small file each.

Ids and instants only. Signed, because what stands here is done to a database that is put back.
"""

from typing import Protocol
from uuid import UUID

from domain.backup_errors import BackupDamaged
from domain.erasures import Erasure
from domain.frozen import Frozen
from gateways.sealed_backups.vouched import canonical, read_vouched, vouched

FOLDER = "_erasures"
"""No schedule's: their names begin with a letter."""

FORMAT = 1


class Witness(Protocol):
    """Vouches for a text with the key of that name."""

    def __call__(self, key_name: str, text: bytes) -> str:
        """As hex digits. Raises BackupKeyUnknown."""
        ...


class _Entry(Frozen):
    format: int = FORMAT
    key_name: str
    erasure: Erasure


def place_of(user_id: UUID) -> str:
    """The file about that account."""
    return f"{FOLDER}/{user_id}.jsonl"


def written(erasure: Erasure, key_name: str, witness: Witness) -> bytes:
    """The file: the wish as it stands on one line, what vouches for it on the next."""
    text = canonical(_Entry(key_name=key_name, erasure=erasure))
    return vouched(text, witness(key_name, text))


def read(file: bytes, name: str, witness: Witness) -> Erasure:
    """The wish in that file.

    Raises:
        BackupKeyUnknown: it names a key that is not given.
        BackupDamaged: nothing vouches for it, or it lies in another's place.
    """
    found = read_vouched(_Entry, file, f"{FOLDER}/{name}")
    entry = found.value
    if entry.format != FORMAT:
        raise BackupDamaged(f"{FOLDER}/{name} has format {entry.format}, not {FORMAT}.")
    found.check(witness(entry.key_name, found.text), entry.key_name)
    if place_of(entry.erasure.user_id) != f"{FOLDER}/{name}":
        raise BackupDamaged(f"What lies in {FOLDER}/{name} is about another account.")
    return entry.erasure
