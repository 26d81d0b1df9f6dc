from uuid import UUID

from pydantic import TypeAdapter

from domain.family import Card, Child, Guardian, NewChild, Profile
from gateways.supabase_records.client import DataApiClient

_USER_ID = TypeAdapter(UUID)
_PROFILE = TypeAdapter(Profile)
_CHILD = TypeAdapter(Child)
_CHILDREN = TypeAdapter(list[Child])


class People(DataApiClient):
    """Users and their families."""

    async def user_for(self, issuer: str, subject: str) -> UUID:
        return await self._call("user_for", _USER_ID, issuer=issuer, subject=subject)

    async def profile(self, user_id: UUID) -> Profile:
        return await self._call("get_profile", _PROFILE, user_id=user_id)

    async def save_guardian(self, user_id: UUID, guardian: Guardian) -> Profile:
        return await self._call("save_guardian", _PROFILE, user_id=user_id, guardian=guardian)

    async def children(self, user_id: UUID) -> list[Child]:
        return await self._call("list_children", _CHILDREN, user_id=user_id)

    async def add_child(self, user_id: UUID, child: NewChild) -> Child:
        return await self._call("add_child", _CHILD, user_id=user_id, child=child)

    async def save_customer(self, user_id: UUID, customer_id: str) -> Profile:
        return await self._call("save_customer", _PROFILE, user_id=user_id, customer_id=customer_id)

    async def save_card_setup(
        self, user_id: UUID, session_id: str, instead_of: str | None = None
    ) -> Profile:
        return await self._call(
            "save_card_setup",
            _PROFILE,
            user_id=user_id,
            session_id=session_id,
            instead_of=instead_of,
        )

    async def save_card(self, user_id: UUID, session_id: str, card: Card) -> Profile:
        return await self._call(
            "save_card", _PROFILE, user_id=user_id, session_id=session_id, card=card
        )
