"""The family at the provider: found where it is known, created where it is not.

Neither creation is idempotent and duplicates by e-mail exist, so each is preceded by a search,
and the choice among duplicates is always the same. Nothing of this is logged or raised.
"""

from urllib.parse import quote

from domain.booking import ProviderPeople
from domain.family import Child, Guardian
from gateways.bookeo.models import WireCustomer, WirePerson
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

    async def _customer(self, guardian: Guardian) -> str:
        found = await self._reading.every(
            WireCustomer,
            "customers",
            {"searchField": "emailAddress", "searchText": guardian.email},
            per_page=100,
        )
        same_mail = [who for who in found if _same(who.email_address, guardian.email)]
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
        path = f"customers/{quote(customer_id, safe='')}/linkedpeople"
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


def _is(person: WirePerson, child: Child) -> bool:
    """The same name and, where the provider holds one, the same birth date."""
    return _namesake(person, child) and person.date_of_birth in (None, child.birth_date)


def _namesake(held: WireCustomer | WirePerson, person: Guardian | Child) -> bool:
    return _same(held.first_name, person.first_name) and _same(held.last_name, person.last_name)


def _same(held: str | None, ours: str) -> bool:
    return held is not None and held.strip().casefold() == ours.strip().casefold()
