from uuid import UUID, uuid4

from domain.errors import RecordMissing
from domain.family import Card, Child, Guardian, NewChild, Profile
from gateways.fakes.records.tables import Tables


class People(Tables):
    """Users and their families."""

    async def user_for(self, issuer: str, subject: str) -> UUID:
        identity = (issuer, subject)
        if identity not in self.identities:
            user_id = uuid4()
            self.identities[identity] = user_id
            self.profiles[user_id] = Profile(user_id=user_id)
        return self.identities[identity]

    async def profile(self, user_id: UUID) -> Profile:
        return self._profile(user_id)

    async def save_guardian(self, user_id: UUID, guardian: Guardian) -> Profile:
        return self._change(user_id, guardian=guardian)

    async def children(self, user_id: UUID) -> list[Child]:
        return list(self.family[user_id])

    async def add_child(self, user_id: UUID, child: NewChild) -> Child:
        self._profile(user_id)
        facts = child.model_dump(include=set(NewChild.model_fields))
        for known in self.family[user_id]:
            if known.model_dump(exclude={"id"}) == facts:
                return known
        added = Child(id=uuid4(), **facts)
        self.family[user_id].append(added)
        return added

    async def save_customer(self, user_id: UUID, customer_id: str) -> Profile:
        if self._profile(user_id).stripe_customer_id is not None:
            return self._profile(user_id)
        return self._change(user_id, stripe_customer_id=customer_id)

    async def save_card_setup(
        self, user_id: UUID, session_id: str, instead_of: str | None = None
    ) -> Profile:
        if self._profile(user_id).setup_session_id != instead_of:
            return self._profile(user_id)
        return self._change(user_id, setup_session_id=session_id)

    async def save_card(self, user_id: UUID, session_id: str, card: Card) -> Profile:
        if self._profile(user_id).setup_session_id != session_id:
            return self._profile(user_id)
        return self._change(user_id, card=card, setup_session_id=None)

    def _profile(self, user_id: UUID) -> Profile:
        if user_id not in self.profiles:
            raise RecordMissing("there is no such user")
        return self.profiles[user_id]

    def _change(self, user_id: UUID, **columns: object) -> Profile:
        self.profiles[user_id] = self._profile(user_id).model_copy(update=columns)
        return self.profiles[user_id]
