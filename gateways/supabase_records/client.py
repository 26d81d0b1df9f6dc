"""What every group of functions below asks the data API through."""

from typing import Self, TypeVar

import httpx
from pydantic import TypeAdapter

from gateways.protocols.fields import Fields
from gateways.sealed_fields import SealedFields
from gateways.supabase_records.channel import Channel, ProjectKeys
from gateways.supabase_records.kept_people import KeptPeople

TIMEOUT = httpx.Timeout(10, connect=5)
"""Seconds. Longer than any of our functions takes; Temporal repeats what did not answer."""

PROMPT_TIMEOUT = httpx.Timeout(1)
"""Seconds, for what is asked every second: a later answer would be worth nothing."""

MOST = 20
"""Connections: at a round trip of 50 ms, 400 calls a second, which is more than one process makes.
Each that is idle is looked at with every call, so that many cost more than they carry."""

MOST_PROMPT = 4
"""For what is asked every second. One call of a kind at a time; the others serve while a first that
got no answer is given up."""

_Answer = TypeVar("_Answer")


class DataApiClient:
    """The client every group of functions below shares.

    Nothing is retried here: every function may be repeated, and Temporal decides when.
    """

    def __init__(self, usual: Channel, prompt: Channel, fields: Fields) -> None:
        self._usual = usual
        self._prompt = prompt
        self._people = KeptPeople(fields)

    @classmethod
    async def connect(
        cls,
        url: str,
        key: str,
        *,
        api_key: str | None = None,
        fields: Fields | None = None,
        timeout: httpx.Timeout = TIMEOUT,  # noqa: ASYNC109 - each later request's, not this call's
    ) -> Self:
        """A client for the project at `url`, acting as the role of its key.

        Makes no request: `ping` tells whether it answers. Give it back with `aclose`.

        Args:
            url: of the project.
            key: a secret key, or a token signed for a role.
            api_key: the project's public key, which goes beside such a token.
            fields: the keys of people's fields; none where not given.
            timeout: of each request, but for what is asked every second.

        Raises:
            httpx.InvalidURL, supabase.SupabaseException: the URL or the key is malformed.
        """
        keys = ProjectKeys(key, api_key or key)
        usual = await Channel.open(url, keys, timeout, MOST)
        prompt = await Channel.open(url, keys, PROMPT_TIMEOUT, MOST_PROMPT)
        return cls(usual, prompt, fields or SealedFields(None))

    async def aclose(self) -> None:
        """Give back the connections."""
        await self._usual.aclose()
        await self._prompt.aclose()

    async def _call(
        self, function: str, answer: TypeAdapter[_Answer], **arguments: object
    ) -> _Answer:
        """Call a Postgres function; argument `x` becomes its parameter `p_x`.

        Raises:
            RecordsError: as the table in `errors` says.
        """
        return await self._usual.call(function, answer, arguments)

    async def _call_promptly(
        self, function: str, answer: TypeAdapter[_Answer], **arguments: object
    ) -> _Answer:
        """As `_call`, over a connection of its own: it waits behind no other call.

        Raises:
            RecordsError: likewise; RecordsUnavailable after PROMPT_TIMEOUT.
        """
        return await self._prompt.call(function, answer, arguments)


ANY: TypeAdapter[object] = TypeAdapter(object)
"""For functions whose answer tells nothing."""
