from mcp.server.mcpserver.tools import Tool

from domain.family import Guardian, NewChild
from front_door.family import Family
from mcp_server.answers import ChildAnswer, ChildrenAnswer, ProfileAnswer
from mcp_server.arguments import (
    BirthDate,
    Email,
    FirstName,
    HomeLocale,
    HomeZone,
    LastName,
    PhoneNumber,
)
from mcp_server.identity import caller
from mcp_server.tools.description import ADDS_ONCE, CHANGES, READS, described


class FamilyTools:
    """The parent and the children of the caller's account."""

    def __init__(self, family: Family) -> None:
        self._family = family

    def tools(self) -> list[Tool]:
        """The tools of this subject."""
        return [
            described(self.get_profile, "Look at the parent's profile", READS),
            described(self.update_profile, "Save the parent's profile", CHANGES),
            described(self.list_children, "List the children", READS),
            described(self.add_child, "Add a child", ADDS_ONCE),
        ]

    async def get_profile(self) -> ProfileAnswer:
        """Look at the parent's own profile: name, mail, phone, birth date, whether a card is saved.

        A registration can only be confirmed once the profile is complete (update_profile) and a
        card is saved (start_card_setup).
        """
        return ProfileAnswer.of(await self._family.profile(caller.get()))

    async def update_profile(
        self,
        first_name: FirstName,
        last_name: LastName,
        email: Email,
        phone: PhoneNumber,
        birth_date: BirthDate,
        locale: HomeLocale = None,
        time_zone: HomeZone = None,
    ) -> ProfileAnswer:
        """Save who the parent is, replacing what was saved before.

        The organiser gets these facts with the booking, and confirmations go to this mail
        address. These five are needed; ask the parent, never guess. The parent must be an adult.
        With locale and time_zone letters tell dates and amounts as the parent is used to.
        """
        guardian = Guardian(
            first_name=first_name,
            last_name=last_name,
            email=email,
            phone=phone,
            birth_date=birth_date,
        )
        saved = await self._family.save_guardian(
            caller.get(), guardian, locale=locale, time_zone=time_zone
        )
        return ProfileAnswer.of(saved)

    async def list_children(self) -> ChildrenAnswer:
        """List the children of this account, with the child_id that schedule_registration needs."""
        children = await self._family.children(caller.get())
        return ChildrenAnswer(children=tuple(ChildAnswer.of(child) for child in children))

    async def add_child(
        self, first_name: FirstName, last_name: LastName, birth_date: BirthDate
    ) -> ChildAnswer:
        """Add a child to this account.

        Look with list_children first. The same name and birth date again returns the child that
        is already there.
        """
        child = NewChild(first_name=first_name, last_name=last_name, birth_date=birth_date)
        return ChildAnswer.of(await self._family.add_child(caller.get(), child))
