from collections.abc import Sequence
from uuid import UUID, uuid4

from domain.errors import Conflict, RecordMissing
from domain.family import Card, Child, Guardian, NewChild, Payer, Profile, Reader
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

    async def payer(self, user_id: UUID) -> Payer:
        return self._payer(user_id)

    async def save_guardian(self, user_id: UUID, guardian: Guardian) -> Profile:
        self.expect_kept(user_id)
        self._change(user_id, guardian=guardian)
        return self._profile(user_id)

    async def save_reader(self, user_id: UUID, reader: Reader) -> Profile:
        self._change(user_id, reader=reader)
        return self._profile(user_id)

    async def children(self, user_id: UUID) -> list[Child]:
        return list(self.family[user_id])

    async def add_child(self, user_id: UUID, child: NewChild, known: Sequence[UUID]) -> Child:
        self._profile(user_id)
        self.expect_kept(user_id)
        if any(other.id not in known for other in self.family[user_id]):
            raise Conflict("another child was added meanwhile")
        added = Child(id=uuid4(), **child.model_dump(include=set(NewChild.model_fields)))
        self.family[user_id].append(added)
        return added

    async def save_customer(self, user_id: UUID, customer_id: str) -> Payer:
        self.expect_kept(user_id)
        if self._profile(user_id).stripe_customer_id is not None:
            return self._payer(user_id)
        return self._change(user_id, stripe_customer_id=customer_id)

    async def save_card_setup(
        self, user_id: UUID, session_id: str, instead_of: str | None = None
    ) -> Payer:
        if self._profile(user_id).setup_session_id != instead_of:
            return self._payer(user_id)
        self.expect_kept(user_id)
        return self._change(user_id, setup_session_id=session_id)

    async def save_card(self, user_id: UUID, session_id: str, card: Card) -> Payer:
        if self._profile(user_id).setup_session_id != session_id:
            return self._payer(user_id)
        return self._change(user_id, card=card, setup_session_id=None)

    def _profile(self, user_id: UUID) -> Profile:
        if user_id not in self.profiles:
            raise RecordMissing("there is no such user")
        return self.profiles[user_id]

    def _payer(self, user_id: UUID) -> Payer:
        known = self._profile(user_id)
        return Payer.model_validate({name: getattr(known, name) for name in Payer.model_fields})

    def _change(self, user_id: UUID, **columns: object) -> Payer:
        self.profiles[user_id] = self._profile(user_id).model_copy(update=columns)
        return self._payer(user_id)
