"""Sealing texts that say who somebody is, and opening them."""

from typing import Protocol

from domain.fields import FieldPlace


class Fields(Protocol):
    """The keys of this program, as far as it has any."""

    @property
    def first(self) -> str | None:
        """The name of the key that seals; None where nothing is sealed."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all keys."""
        ...

    def key_of(self, kept: str) -> str | None:
        """The name of the key that a text is sealed with; None for one in the clear."""
        ...

    def seal(self, text: str, place: FieldPlace) -> str:
        """The text as it is to be kept there.

        Raises:
            RecordRejected: `looks_sealed`, where nothing is sealed and it looks as if.
        """
        ...

    def open(self, kept: str, place: FieldPlace) -> str:
        """The text that is kept there; one in the clear is itself.

        Raises:
            FieldKeyUnknown: it names a key that is not given.
            FieldAltered: it was not sealed for that place with that key.
        """
        ...
