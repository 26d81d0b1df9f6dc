"""A file that is believed: a text on one line, and on the next what vouches for it."""

import hmac
import json
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import Field, ValidationError

from domain.backup_errors import BackupDamaged
from domain.frozen import Frozen

T = TypeVar("T", bound=Frozen)


class _Proof(Frozen):
    hmac: str = Field(pattern=r"^[0-9a-f]{64}$")


@dataclass(frozen=True)
class Vouched(Generic[T]):
    """What was read of such a file. Nobody vouches for it before `check`."""

    value: T
    text: bytes
    """Of which `value` was read."""
    what: str
    """The file, as a complaint names it."""
    _proof: str

    def check(self, expected: str, key_name: str) -> None:
        """Believe it.

        Args:
            expected: what the key of that name says of the text, as hex digits.
            key_name: as the file has it.

        Raises:
            BackupDamaged: that is not what the file says.
        """
        if not hmac.compare_digest(expected, self._proof):
            raise BackupDamaged(
                f"{self.what} was altered, or another key was given under the name {key_name}."
            )


def read_vouched(kind: type[T], file: bytes, what: str) -> Vouched[T]:
    """What is in that file.

    Args:
        kind: of the value.
        file: its bytes.
        what: the file, as a complaint names it.

    Raises:
        BackupDamaged: it is no such file.
    """
    text, _, rest = file.partition(b"\n")
    try:
        value, proof = kind.model_validate_json(text), _Proof.model_validate_json(rest)
    except ValidationError:
        raise BackupDamaged(f"{what} cannot be read.") from None
    return Vouched(value, text, what, proof.hmac)


def canonical(value: Frozen) -> bytes:
    """The one text of that value."""
    told = value.model_dump(mode="json")
    return json.dumps(told, sort_keys=True, separators=(",", ":")).encode()


def vouched(text: bytes, proof: str) -> bytes:
    """The file of that text and of what vouches for it, as hex digits."""
    return text + b"\n" + json.dumps({"hmac": proof}).encode() + b"\n"
