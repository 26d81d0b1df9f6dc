"""The SDK's httpx transport, with the client this service wants under it."""

from collections.abc import Mapping
from datetime import timedelta

import httpx
import stripe

from gateways.shared_tls import shared_tls
from gateways.unbroken import Unbroken

CONNECT_SECONDS = 5.0

AT_ONCE = 50
"""Connections: at half of Stripe's limit of a hundred calls a second, each may take a second."""


class BoundedHTTPXClient(stripe.HTTPXClient):
    """`stripe.HTTPXClient` with a bound on each wait, and no proxy for a stand-in on loopback.

    The SDK's own async client takes no options of httpx, so it is replaced by one that does;
    and it hands bodies over in a way that httpx has deprecated, so the call is made here.
    """

    def __init__(
        self,
        *,
        timeout: timedelta,
        trust_env: bool,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        bound = httpx.Timeout(timeout.total_seconds(), connect=CONNECT_SECONDS)
        super().__init__(timeout=bound)  # pyright: ignore[reportUnknownMemberType]  # SDK's types
        self._client_async = httpx.AsyncClient(
            timeout=bound,
            verify=shared_tls(),
            follow_redirects=False,
            trust_env=trust_env,
            transport=transport,
            limits=httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE),
        )
        self._unbroken = Unbroken(AT_ONCE, bound.pool)

    async def request_async(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        post_data: str | bytes | None = None,
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """The raw answer; raises `stripe.APIConnectionError` over httpx's exception."""
        try:
            # Under its idempotency key, what comes through after all is what is repeated later.
            answer = await self._unbroken.exchange(
                lambda: self._client_async.request(
                    method, url, headers=headers, content=post_data or b""
                )
            )
        except Exception as failure:  # noqa: BLE001 - the SDK words every one of them
            self._handle_request_error(failure)
        return answer.content, answer.status_code, answer.headers
