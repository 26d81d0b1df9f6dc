"""Several accounts of a booking provider in memory."""

from collections.abc import Mapping

from domain.errors import Unauthorised
from domain.pacing import Pace
from gateways.fakes.booking import FakeBookingProvider


class FakeBookingProviders:
    """Accounts in memory, by the reference of their keys. Nothing waits for its turn here.

    Attributes:
        paces: the pace last given for each.
    """

    def __init__(self, accounts: Mapping[str, FakeBookingProvider]) -> None:
        self._accounts = dict(accounts)
        self.paces: dict[str, Pace] = {}

    def account(self, credentials_ref: str, pace: Pace | None = None) -> FakeBookingProvider:
        """Raises Unauthorised where there is no account under that reference."""
        if credentials_ref not in self._accounts:
            raise Unauthorised(f"no key is configured for account {credentials_ref!r}")
        if pace is not None:
            self.paces[credentials_ref] = pace
        return self._accounts[credentials_ref]

    async def aclose(self) -> None:
        """Nothing to give back."""
