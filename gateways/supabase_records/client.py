"""The connection to the data API, and the one way anything is asked of it."""

from typing import Self, TypeVar

import httpx
from postgrest.exceptions import APIError
from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_jsonable_python
from supabase import AsyncClient, AsyncClientOptions, acreate_client

from domain.errors import RecordsError, RecordsUnavailable
from gateways.loopback import is_loopback
from gateways.supabase_records.errors import refusal, refuse_by_status

TIMEOUT = httpx.Timeout(10, connect=5)
"""Seconds. Longer than any of our functions takes; Temporal repeats what did not answer."""

_LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=50, keepalive_expiry=30)
"""Connections stay warm over an opening second, in which every registration asks at once."""

_Answer = TypeVar("_Answer")


class DataApiClient:
    """The client every group of functions below shares.

    Nothing is retried here: every function may be repeated, and Temporal decides when.
    """

    def __init__(self, client: AsyncClient, http: httpx.AsyncClient) -> None:
        self._client = client
        self._http = http

    @classmethod
    async def connect(
        cls,
        url: str,
        service_key: str,
        *,
        timeout: httpx.Timeout = TIMEOUT,  # noqa: ASYNC109 - each later request's, not this call's
    ) -> Self:
        """A client for the project at `url`, with the service role's key.

        Makes no request: `ping` tells whether it answers. Give it back with `aclose`.

        Raises:
            httpx.InvalidURL, supabase.SupabaseException: the URL or the key is malformed.
        """
        http = httpx.AsyncClient(
            timeout=timeout,
            limits=_LIMITS,
            trust_env=not is_loopback(httpx.URL(url).host),
            event_hooks={"response": [refuse_by_status]},
        )
        options = AsyncClientOptions(
            persist_session=False,
            auto_refresh_token=False,
            httpx_client=http,
            postgrest_client_retry=False,
            # With the header given, supabase-py does not look for a signed-in user's session.
            headers={"Authorization": f"Bearer {service_key}"},
        )
        try:
            return cls(await acreate_client(url, service_key, options), http)
        except BaseException:
            await http.aclose()
            raise

    async def aclose(self) -> None:
        """Give back the connections."""
        await self._http.aclose()

    async def _call(
        self, function: str, answer: TypeAdapter[_Answer], **arguments: object
    ) -> _Answer:
        """Call a Postgres function; argument `x` becomes its parameter `p_x`.

        Raises:
            RecordsError: as the table in `errors` says.
        """
        parameters = {f"p_{name}": to_jsonable_python(value) for name, value in arguments.items()}
        failure: RecordsError
        try:
            response = await self._client.rpc(function, parameters).execute()
            return answer.validate_python(response.data)
        except APIError as refused:
            failure = refusal(function, refused)
        except httpx.HTTPError as broken:
            failure = RecordsUnavailable(f"{function} got no answer ({type(broken).__name__})")
        except ValidationError:
            failure = RecordsUnavailable(f"{function} gave an answer that could not be read")
        # Raised outside the handlers: what they caught quotes rows, and must not be chained.
        raise failure


ANY: TypeAdapter[object] = TypeAdapter(object)
"""For functions whose answer tells nothing."""
