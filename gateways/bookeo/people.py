"""The family at the provider: found where it is known, created where it is not.

Neither creation is idempotent and duplicates by e-mail exist, so each is preceded by a search,
and the choice among duplicates is always the same. Nothing of this is logged or raised.
"""

from datetime import datetime
from urllib.parse import quote

from domain.booking import ProviderPeople
from domain.errors import Rejected
from domain.family import Child, Guardian
from domain.identifiers import registration_of
from gateways.bookeo.bookings import CLOCK_MARGIN
from gateways.bookeo.models import WireBooking, WireCustomer, WirePerson
from gateways.bookeo.reading import Reading


class Families:
    """Customers and the people linked to them. Raises as `Reading` does."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    async def resolve(self, guardian: Guardian, children: tuple[Child, ...]) -> ProviderPeople:
        """The ids of the guardian and, in order, of the children."""
        customer_id = await self._customer(guardian)
        return ProviderPeople(
            customer_id=customer_id,
            person_ids=await self._linked(customer_id, children),
        )

    async def forget(
        self, guardian: Guardian, children: tuple[Child, ...], since: datetime
    ) -> bool:
        """Delete what `resolve` made, as far as it is ours; whether nobody is left.

        Of several customers with that address each is looked at, whatever the name: `resolve` takes
        them for the same.
        """
        left = False
        for who in await self._with_mail(guardian):
            left |= not (_made_since(who, since) and await self._deleted(who.id, children))
        return not left

    async def _deleted(self, customer_id: str, children: tuple[Child, ...]) -> bool:
        path = _path(customer_id)
        bookings = await self._reading.every(
            WireBooking, f"{path}/bookings", {"includeCanceled": True}, per_page=100
        )
        if any(not one.canceled or registration_of(one.external_ref) is None for one in bookings):
            return False
        people = await self._reading.every(WirePerson, f"{path}/linkedpeople", {}, per_page=100)
        others = [who for who in people if not any(_is(who, child) for child in children)]
        for who in people:
            if who not in others:
                await self._gone(f"{path}/linkedpeople/{quote(who.id, safe='')}")
        return not others and await self._gone(path)

    async def _gone(self, path: str) -> bool:
        try:
            await self._reading.call("DELETE", path)
        except Rejected as refused:
            # A booking that was made meanwhile keeps its customer.
            return refused.kind == "not_found"
        return True

    async def _with_mail(self, guardian: Guardian) -> list[WireCustomer]:
        found = await self._reading.every(
            WireCustomer,
            "customers",
            {"searchField": "emailAddress", "searchText": guardian.email},
            per_page=100,
        )
        return [who for who in found if _same(who.email_address, guardian.email)]

    async def _customer(self, guardian: Guardian) -> str:
        same_mail = await self._with_mail(guardian)
        if same_mail:
            return min(same_mail, key=lambda who: (not _namesake(who, guardian), who.id)).id
        return await self._reading.create(
            "customers",
            "customers",
            {
                "firstName": guardian.first_name,
                "lastName": guardian.last_name,
                "emailAddress": guardian.email,
                "phoneNumbers": [{"type": "mobile", "number": guardian.phone}],
            },
        )

    async def _linked(self, customer_id: str, children: tuple[Child, ...]) -> tuple[str, ...]:
        path = f"{_path(customer_id)}/linkedpeople"
        known = await self._reading.every(WirePerson, path, {}, per_page=100)
        ids: list[str] = []
        for child in children:
            matches = [who for who in known if who.id not in ids and _is(who, child)]
            if matches:
                best = min(matches, key=lambda who: (who.date_of_birth is None, who.id))
                ids.append(best.id)
                continue
            made = {
                "firstName": child.first_name,
                "lastName": child.last_name,
                "dateOfBirth": child.birth_date.isoformat(),
            }
            ids.append(await self._reading.create(path, "linkedpeople", made))
        return tuple(ids)


def _made_since(customer: WireCustomer, since: datetime) -> bool:
    made_at = customer.creation_time
    return made_at is not None and made_at >= since - CLOCK_MARGIN


def _path(customer_id: str) -> str:
    return f"customers/{quote(customer_id, safe='')}"


def _is(person: WirePerson, child: Child) -> bool:
    """The same name and, where the provider holds one, the same birth date."""
    return _namesake(person, child) and person.date_of_birth in (None, child.birth_date)


def _namesake(held: WireCustomer | WirePerson, person: Guardian | Child) -> bool:
    return _same(held.first_name, person.first_name) and _same(held.last_name, person.last_name)


def _same(held: str | None, ours: str) -> bool:
    return held is not None and held.strip().casefold() == ours.strip().casefold()
