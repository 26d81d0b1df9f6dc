"""The client that all of this package asks Stripe with, and how a repeatable question is put."""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar
from urllib.parse import urlencode, urlsplit, urlunsplit

import httpx
import stripe
from pydantic import SecretStr

from gateways.loopback import is_loopback
from gateways.stripe_payments.classification import failure_of_call
from gateways.stripe_payments.transport import BoundedHTTPXClient

A = TypeVar("A")

TIMEOUT = timedelta(seconds=10)
"""The longest silence of one call."""


@dataclass(frozen=True)
class Asking:
    """The SDK's client, and its connections. Retries belong to the caller: there are none here."""

    stripe: stripe.StripeClient
    http: BoundedHTTPXClient

    @classmethod
    def of(
        cls,
        secret_key: SecretStr,
        api_base: str | None,
        timeout: timedelta = TIMEOUT,  # each later call's, not this one's
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> "Asking":
        """Makes no call yet.

        Args:
            secret_key: `sk_...`.
            api_base: a stand-in's address without a trailing slash; None for Stripe itself.
            timeout: the longest silence of one call.
            transport: in place of the network, for tests.
        """
        # Else the SDK writes a telemetry file into the home folder.
        stripe.enable_telemetry = False
        stand_in = None if api_base is None else urlsplit(api_base).hostname
        http = BoundedHTTPXClient(
            timeout=timeout, trust_env=not is_loopback(stand_in), transport=transport
        )
        client = stripe.StripeClient(
            secret_key.get_secret_value(),
            base_addresses={} if api_base is None else {"api": api_base.rstrip("/")},
            http_client=http,
            max_network_retries=0,
        )
        return cls(client, http)

    async def aclose(self) -> None:
        """Give back the connections."""
        await self.http.close_async()


async def repeatable(call: Awaitable[A]) -> A:
    """The answer of a call that moves no money, or moves it once however often it is made."""
    try:
        return await call
    except Exception as failure:  # noqa: BLE001 - the SDK raises raw errors for odd bodies
        raise failure_of_call(failure) from None


def returning(url: str, **told: str) -> str:
    """`url` with that added to its query."""
    parts = urlsplit(url)
    query = "&".join(part for part in (parts.query, urlencode(told)) if part)
    return urlunsplit(parts._replace(query=query))
