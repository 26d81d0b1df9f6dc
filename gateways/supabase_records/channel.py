"""Connections to the data API, and the one way anything is asked of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self, TypeVar

import httpx
from postgrest.exceptions import APIError
from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_jsonable_python
from supabase import AsyncClient, AsyncClientOptions, acreate_client

from domain.errors import RecordsError, RecordsUnavailable
from gateways.loopback import is_loopback
from gateways.shared_tls import shared_tls
from gateways.supabase_records.errors import refusal, refuse_by_status
from gateways.unbroken import Unbroken

KEPT = timedelta(seconds=30)
"""Connections stay warm over an opening second, in which every registration asks at once."""

_Answer = TypeVar("_Answer")


@dataclass(frozen=True)
class ProjectKeys:
    """What every request carries."""

    acting: str = field(repr=False)
    """As the bearer token: whose role the database takes on."""
    admitting: str = field(repr=False)
    """As `apikey`: what the gateway before the database knows the project's callers by."""


class Channel:
    """One pool of connections to one project, under one role."""

    def __init__(self, client: AsyncClient, http: httpx.AsyncClient, unbroken: Unbroken) -> None:
        self._client = client
        self._http = http
        self._unbroken = unbroken

    @classmethod
    async def open(
        cls,
        url: str,
        keys: ProjectKeys,
        timeout: httpx.Timeout,  # noqa: ASYNC109 - each later request's, not this call's
        most: int,
    ) -> Self:
        """Make no request yet.

        Args:
            url: of the project.
            keys: what every request carries.
            timeout: of each.
            most: so many connections at most, and as many of them kept.

        Raises:
            httpx.InvalidURL, supabase.SupabaseException: the URL or the key is malformed.
        """
        http = httpx.AsyncClient(
            verify=shared_tls(),
            timeout=timeout,
            limits=httpx.Limits(
                max_connections=most,
                max_keepalive_connections=most,
                keepalive_expiry=KEPT.total_seconds(),
            ),
            trust_env=not is_loopback(httpx.URL(url).host),
            event_hooks={"response": [refuse_by_status]},
        )
        options = AsyncClientOptions(
            persist_session=False,
            auto_refresh_token=False,
            httpx_client=http,
            postgrest_client_retry=False,
            # With the header given, supabase-py does not look for a signed-in user's session.
            headers={"Authorization": f"Bearer {keys.acting}"},
        )
        try:
            client = await acreate_client(url, keys.admitting, options)
            return cls(client, http, Unbroken(most, timeout.pool))
        except BaseException:
            await http.aclose()
            raise

    async def aclose(self) -> None:
        """Give back the connections."""
        await self._http.aclose()

    async def call(
        self, function: str, answer: TypeAdapter[_Answer], arguments: Mapping[str, object]
    ) -> _Answer:
        """Call a Postgres function; argument `x` becomes its parameter `p_x`.

        Raises:
            RecordsError: as the table in `errors` says.
        """
        parameters = {f"p_{name}": to_jsonable_python(value) for name, value in arguments.items()}
        failure: RecordsError
        try:
            response = await self._unbroken.exchange(
                lambda: self._client.rpc(function, parameters).execute()
            )
            return answer.validate_python(response.data)
        except APIError as refused:
            failure = refusal(function, refused)
        except httpx.HTTPError as broken:
            failure = RecordsUnavailable(f"{function} got no answer ({type(broken).__name__})")
        except ValidationError:
            failure = RecordsUnavailable(f"{function} gave an answer that could not be read")
        # Raised outside the handlers: what they caught quotes rows, and must not be chained.
        raise failure
