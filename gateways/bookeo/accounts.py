"""The Bookeo accounts we hold keys for."""

from collections.abc import Callable, Mapping
from datetime import datetime

import httpx
from pydantic import SecretStr

from domain.errors import Unauthorised
from domain.pacing import Pace
from gateways.bookeo.account import BookeoAccount
from gateways.bookeo.provider_clock import ProviderClock
from gateways.bookeo.wire import BookeoTimeouts, Wire, utc_now
from gateways.quiet_http_log import keep_queries_out_of_logs
from gateways.shared_tls import shared_tls


class BookeoAccounts:
    """The `BookingProviders` of Bookeo: one client and budget per account, one host for all.

    Attributes of construction:
        api_base: ends in `/v2`.
        secret_key: the application's.
        api_keys: each account's key, by the reference that `ProviderAccount.credentials_ref`
            names.
        transport: in place of the network, for tests.
        now: the wall clock, aware UTC.
    """

    def __init__(
        self,
        api_base: str,
        *,
        secret_key: SecretStr,
        api_keys: Mapping[str, SecretStr],
        timeouts: BookeoTimeouts | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        keep_queries_out_of_logs()
        self._api_base = api_base
        self._secret_key = secret_key
        self._api_keys = dict(api_keys)
        self._timeouts = timeouts or BookeoTimeouts()
        self._transport = transport
        self._now = now
        self._clock = ProviderClock(now)
        self._accounts: dict[str, BookeoAccount] = {}

    def account(self, credentials_ref: str, pace: Pace | None = None) -> BookeoAccount:
        """The account opened with those keys, asked at that pace; the same object each time.

        Raises:
            Unauthorised: no keys are configured under that reference.
        """
        if credentials_ref not in self._api_keys:
            raise Unauthorised(f"no Bookeo key is configured for account {credentials_ref!r}")
        if credentials_ref not in self._accounts:
            wire = Wire(
                self._api_base,
                secret_key=self._secret_key,
                api_key=self._api_keys[credentials_ref],
                timeouts=self._timeouts,
                tls=shared_tls(),
                transport=self._transport,
                now=self._now,
                clock=self._clock,
            )
            self._accounts[credentials_ref] = BookeoAccount(wire, self._now)
        account = self._accounts[credentials_ref]
        if pace is not None:
            account.keep_to(pace)
        return account

    async def aclose(self) -> None:
        """Close every account's connections."""
        for account in self._accounts.values():
            await account.aclose()
