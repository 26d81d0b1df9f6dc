"""Users and their families, as the database keeps them."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from domain.family import Card, Child, Guardian, NewChild, Payer, Profile, Reader


class PeopleRecords(Protocol):
    """Users and their families."""

    async def user_for(self, issuer: str, subject: str) -> UUID:
        """The user behind a verified token, created on first sight. Never by mail address."""
        ...

    async def profile(self, user_id: UUID) -> Profile: ...

    async def payer(self, user_id: UUID) -> Payer:
        """How the user pays: of the profile what needs no key of people's fields."""
        ...

    async def save_guardian(self, user_id: UUID, guardian: Guardian) -> Profile: ...

    async def save_reader(self, user_id: UUID, reader: Reader) -> Profile:
        """How the parent reads dates and amounts from now on."""
        ...

    async def children(self, user_id: UUID) -> list[Child]: ...

    async def add_child(self, user_id: UUID, child: NewChild, known: Sequence[UUID]) -> Child:
        """Add a child; `known` are all that the caller has compared it with.

        Raises:
            Conflict: the user has another by now: look again.
        """
        ...

    async def save_customer(self, user_id: UUID, customer_id: str) -> Payer:
        """Keep the payment customer; the first one saved stays."""
        ...

    async def save_card_setup(
        self, user_id: UUID, session_id: str, instead_of: str | None = None
    ) -> Payer:
        """Remember the session in which the parent may save a card, instead of the one known.

        Where another was remembered meanwhile that one stays, and the profile names it.
        """
        ...

    async def save_card(self, user_id: UUID, session_id: str, card: Card) -> Payer:
        """Keep the card saved in that session and forget the session.

        Nothing changes when another session was started meanwhile.
        """
        ...
