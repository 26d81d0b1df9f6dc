"""Which accounts were erased, beside the backups that still have them: one small file each.

Ids and instants only. Signed, because what stands here is done to a database that is put back.
"""

import hmac
import json
from typing import Protocol
from uuid import UUID

from pydantic import Field, ValidationError

from domain.backup_errors import BackupDamaged
from domain.erasures import Erasure
from domain.frozen import Frozen

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


class _Proof(Frozen):
    hmac: str = Field(pattern=r"^[0-9a-f]{64}$")


def place_of(user_id: UUID) -> str:
    """The file about that account."""
    return f"{FOLDER}/{user_id}.jsonl"


def written(erasure: Erasure, key_name: str, witness: Witness) -> bytes:
    """The file: the wish as it stands on one line, what vouches for it on the next."""
    entry = _Entry(key_name=key_name, erasure=erasure).model_dump(mode="json")
    text = json.dumps(entry, sort_keys=True, separators=(",", ":")).encode()
    proof = json.dumps({"hmac": witness(key_name, text)}).encode()
    return text + b"\n" + proof + b"\n"


def read(file: bytes, name: str, witness: Witness) -> Erasure:
    """The wish in that file.

    Raises:
        BackupKeyUnknown: it names a key that is not given.
        BackupDamaged: nothing vouches for it, or it lies in another's place.
    """
    text, _, rest = file.partition(b"\n")
    try:
        entry, proof = _Entry.model_validate_json(text), _Proof.model_validate_json(rest)
    except ValidationError:
        raise BackupDamaged(f"{FOLDER}/{name} cannot be read.") from None
    if entry.format != FORMAT:
        raise BackupDamaged(f"{FOLDER}/{name} has format {entry.format}, not {FORMAT}.")
    if not hmac.compare_digest(witness(entry.key_name, text), proof.hmac):
        raise BackupDamaged(
            f"{FOLDER}/{name} was altered, or another key was given under the name "
            f"{entry.key_name}."
        )
    if place_of(entry.erasure.user_id) != f"{FOLDER}/{name}":
        raise BackupDamaged(f"What lies in {FOLDER}/{name} is about another account.")
    return entry.erasure
