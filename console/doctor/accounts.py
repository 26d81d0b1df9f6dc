"""The accounts at the booking provider, as far as they can be reached."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from concurrency import of_each
from domain.booking import AccountAccess
from domain.errors import ProviderError
from domain.programs import Program, ProviderAccount
from gateways import BookingProvider, BookingProviders

DEFAULT = ProviderAccount(org_ref="default", name="the default account")
"""Looked at where no organisation is saved, or none can be read."""

MOST_PROGRAMS = 1_000
"""That have not begun, soonest opening first. One look at an account lists all its products."""


@dataclass(frozen=True)
class AccountLook:
    """One account, and what came of asking it what our keys may do."""

    account: ProviderAccount
    programs: tuple[Program, ...] = ()
    """One for each of its products."""
    provider: BookingProvider | None = None
    """None where no key is given, or where it is left in peace."""
    access: AccountAccess | None = None
    failure: ProviderError | TimeoutError | None = None
    """Why there is no access; None too where it was not asked."""

    @property
    def in_peace(self) -> bool:
        """Whether it was not asked, for its opening's sake."""
        return self.access is None and self.failure is None


async def look_at_accounts(
    providers: BookingProviders,
    accounts: Sequence[ProviderAccount],
    programs: Sequence[Program],
    at_an_opening: Sequence[str],
    within: timedelta,
) -> list[AccountLook]:
    """Ask every account for its access, but those whose pace belongs to an opening now."""

    async def look(account: ProviderAccount) -> AccountLook:
        of_products = {
            program.program_ref: program
            for program in programs
            if (program.provider, program.org_ref) == (account.provider, account.org_ref)
        }
        theirs = tuple(of_products.values())
        if account.org_ref in at_an_opening:
            return AccountLook(account, theirs)
        try:
            provider = providers.account(account.credentials_ref, account.pace)
            async with asyncio.timeout(within.total_seconds()):
                return AccountLook(account, theirs, provider, await provider.access())
        except (ProviderError, TimeoutError) as failure:
            return AccountLook(account, theirs, failure=failure)

    return await of_each(accounts or [DEFAULT], look)
