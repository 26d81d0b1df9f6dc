from typing import NamedTuple, TypeVar
from uuid import UUID

from domain.errors import Conflict, RecordRejected

_Answer = TypeVar("_Answer")


class _Operation(NamedTuple):
    registration_id: UUID
    name: str
    answer: object


class Operations:
    """The first answer of each operation, which a repeat gets again."""

    def __init__(self) -> None:
        self._done: dict[str, _Operation] = {}

    def first(
        self, operation_key: str, name: str, registration_id: UUID, kind: type[_Answer]
    ) -> _Answer | None:
        """What the operation answered the first time, or None.

        Raises:
            Conflict: the key belongs to another operation, or to another registration's.
            RecordRejected: `no_operation_key`.
        """
        if not operation_key:
            raise RecordRejected("no_operation_key", "a transition needs an operation key")
        done = self._done.get(operation_key)
        if done is None:
            return None
        if (done.registration_id, done.name) != (registration_id, name):
            raise Conflict("this operation key belongs to another operation")
        if not isinstance(done.answer, kind):
            raise TypeError(f"{name} keeps answers of two kinds")
        return done.answer

    def forget(self, registration_id: UUID) -> None:
        """Keep no answer of that registration's."""
        self._done = {
            key: done for key, done in self._done.items() if done.registration_id != registration_id
        }

    def keep(
        self, operation_key: str, name: str, registration_id: UUID, answer: _Answer
    ) -> _Answer:
        """Remember the answer for a repeat, and give it."""
        self._done[operation_key] = _Operation(registration_id, name, answer)
        return answer
