from collections.abc import Sequence
from uuid import UUID, uuid4

from pydantic import TypeAdapter

from domain.family import Card, Child, Guardian, NewChild, Payer, Profile, Reader
from gateways.supabase_records.client import DataApiClient
from gateways.supabase_records.kept_people import KeptChild, KeptProfile

_USER_ID = TypeAdapter(UUID)
_PAYER = TypeAdapter(Payer)
_PROFILE = TypeAdapter(KeptProfile)
_CHILD = TypeAdapter(KeptChild)
_CHILDREN = TypeAdapter(list[KeptChild])


class People(DataApiClient):
    """Users and their families."""

    async def user_for(self, issuer: str, subject: str) -> UUID:
        return await self._call("user_for", _USER_ID, issuer=issuer, subject=subject)

    async def profile(self, user_id: UUID) -> Profile:
        return self._people.profile(await self._call("get_profile", _PROFILE, user_id=user_id))

    async def payer(self, user_id: UUID) -> Payer:
        return await self._call("get_profile", _PAYER, user_id=user_id)

    async def save_guardian(self, user_id: UUID, guardian: Guardian) -> Profile:
        sealed = self._people.sealed_guardian(user_id, guardian)
        return self._people.profile(
            await self._call("save_guardian", _PROFILE, user_id=user_id, guardian=sealed)
        )

    async def save_reader(self, user_id: UUID, reader: Reader) -> Profile:
        return self._people.profile(
            await self._call("save_reader", _PROFILE, user_id=user_id, reader=reader)
        )

    async def children(self, user_id: UUID) -> list[Child]:
        kept = await self._call("list_children", _CHILDREN, user_id=user_id)
        return [self._people.child(user_id, child) for child in kept]

    async def add_child(self, user_id: UUID, child: NewChild, known: Sequence[UUID]) -> Child:
        sealed = self._people.sealed_child(user_id, uuid4(), child)
        kept = await self._call(
            "add_child", _CHILD, user_id=user_id, child=sealed, known=list(known)
        )
        return self._people.child(user_id, kept)

    async def save_customer(self, user_id: UUID, customer_id: str) -> Payer:
        return await self._call("save_customer", _PAYER, user_id=user_id, customer_id=customer_id)

    async def save_card_setup(
        self, user_id: UUID, session_id: str, instead_of: str | None = None
    ) -> Payer:
        return await self._call(
            "save_card_setup",
            _PAYER,
            user_id=user_id,
            session_id=session_id,
            instead_of=instead_of,
        )

    async def save_card(self, user_id: UUID, session_id: str, card: Card) -> Payer:
        return await self._call(
            "save_card", _PAYER, user_id=user_id, session_id=session_id, card=card
        )
