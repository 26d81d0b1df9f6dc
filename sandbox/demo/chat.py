"""A chat's side of the tools: a real MCP client over HTTP, with a parent's token."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar, cast

import httpx2
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp_types import TextContent
from pydantic import TypeAdapter, ValidationError

from sandbox.complaint import SandboxError

ANSWER_SECONDS = 45.0
"""How long one tool may take. Confirming waits up to 20 s for Temporal."""

T = TypeVar("T")


class Chat:
    """Calls tools. Made by `chatting`."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def call(self, tool: str, answer: type[T], **arguments: Any) -> T:
        """The answer of one tool.

        Raises:
            SandboxError: the tool refused, with its own sentence.
        """
        return _read(tool, answer, await self._content(tool, arguments))

    async def call_for_list(
        self, tool: str, entry: type[T], among: str, **arguments: Any
    ) -> list[T]:
        """The entries of an answer that is a list under the name `among`.

        Raises:
            SandboxError: as for `call`.
        """
        content = await self._content(tool, arguments)
        return _read(tool, list[entry], content.get(among))

    async def _content(self, tool: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        result = await self._client.call_tool(tool, dict(arguments))
        if result.is_error:
            said = [part.text for part in result.content if isinstance(part, TextContent)]
            raise SandboxError(f"{tool} was refused. {' '.join(said)}")
        return cast("dict[str, Any]", result.structured_content)


def _read(tool: str, answer: type[T], content: object) -> T:
    try:
        return TypeAdapter(answer).validate_python(content)
    except ValidationError as unlike:
        raise SandboxError(f"{tool} answered in a shape that its contract lacks.") from unlike


@asynccontextmanager
async def chatting(url: str, token: str) -> AsyncGenerator[Chat]:
    """A chat at the MCP server of that address, signed in with the token.

    Raises:
        SandboxError: the server did not answer, or refused the token.
    """
    try:
        async with (
            httpx2.AsyncClient(
                headers={"Authorization": f"Bearer {token}"},
                timeout=ANSWER_SECONDS,
                trust_env=False,
            ) as http,
            Client(
                streamable_http_client(url, http_client=http),
                read_timeout_seconds=ANSWER_SECONDS,
            ) as client,
        ):
            yield Chat(client)
    except BaseExceptionGroup as several:
        raise _first(several) from several
    except (MCPError, httpx2.HTTPError) as silent:
        raise _lost(silent) from silent


def _first(several: BaseExceptionGroup[BaseException]) -> BaseException:
    """What happened, without the client's task groups around it."""
    inner = several.exceptions[0]
    if isinstance(inner, BaseExceptionGroup):
        return _first(cast("BaseExceptionGroup[BaseException]", inner))
    return _lost(inner) if isinstance(inner, MCPError | httpx2.HTTPError) else inner


def _lost(silent: Exception) -> SandboxError:
    return SandboxError(f"The chat server failed ({type(silent).__name__}): {silent}")
