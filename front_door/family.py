"""A user's own profile and children."""

from datetime import UTC, date, datetime
from uuid import UUID

from domain.errors import Conflict
from domain.family import ADULT_YEARS, Child, Guardian, NewChild, Profile, age_on
from domain.opening import zone
from domain.refusals import refuse
from gateways import Records

MAX_CHILDREN = 20
OLDEST_YEAR = 1900

TRIES = 5
"""Of adding a child while others are added to the same account."""


class Family:
    """The people of one account."""

    def __init__(self, records: Records) -> None:
        self._records = records

    async def profile(self, user_id: UUID) -> Profile:
        """The user's own profile."""
        return await self._records.profile(user_id)

    async def save_guardian(
        self,
        user_id: UUID,
        guardian: Guardian,
        *,
        locale: str | None = None,
        time_zone: str | None = None,
    ) -> Profile:
        """Keep who the parent is, and how they read dates and amounts where that is said.

        Raises:
            Refused: `guardian_minor`, `implausible_birth_date` or `unknown_time_zone`.
        """
        _check_birth_date(guardian.birth_date)
        if age_on(guardian.birth_date, _today()) < ADULT_YEARS:
            raise refuse("guardian_minor", "Only an adult can register a child.", "birth_date")
        if time_zone is not None:
            zone(time_zone)
        profile = await self._records.save_guardian(user_id, guardian)
        said = {"locale": locale, "time_zone": time_zone}
        new = {name: value for name, value in said.items() if value is not None}
        reader = profile.reader.model_copy(update=new)
        if reader == profile.reader:
            return profile
        return await self._records.save_reader(user_id, reader)

    async def children(self, user_id: UUID) -> list[Child]:
        """The user's own children."""
        return await self._records.children(user_id)

    async def add_child(self, user_id: UUID, child: NewChild) -> Child:
        """Add a child; the same name and birth date again returns the child already there.

        Raises:
            Refused: `implausible_birth_date` or `too_many_children`.
            Conflict: others were added at the same time, time and again.
        """
        _check_birth_date(child.birth_date)
        for _ in range(TRIES - 1):
            try:
                return await self._found_or_added(user_id, child)
            except Conflict:
                # Another was added meanwhile, perhaps this very one: look again.
                continue
        return await self._found_or_added(user_id, child)

    async def _found_or_added(self, user_id: UUID, child: NewChild) -> Child:
        known = await self._records.children(user_id)
        twin = next((one for one in known if _same(one, child)), None)
        if twin is not None:
            return twin
        if len(known) >= MAX_CHILDREN:
            raise refuse("too_many_children", f"An account holds at most {MAX_CHILDREN} children.")
        return await self._records.add_child(user_id, child, [one.id for one in known])


def _same(one: NewChild, other: NewChild) -> bool:
    return (one.first_name, one.last_name, one.birth_date) == (
        other.first_name,
        other.last_name,
        other.birth_date,
    )


def _today() -> date:
    return datetime.now(UTC).date()


def _check_birth_date(day: date) -> None:
    if day > _today() or day.year < OLDEST_YEAR:
        raise refuse(
            "implausible_birth_date",
            "That birth date cannot be right. Write it as year-month-day.",
            "birth_date",
        )
