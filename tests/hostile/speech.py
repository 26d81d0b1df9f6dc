"""How a chat client puts a message to the server, in both eras of the protocol."""

import json
from typing import Any

import httpx
from mcp.shared.inbound import encode_header_value
from mcp_types import CLIENT_CAPABILITIES_META_KEY, PROTOCOL_VERSION_META_KEY
from mcp_types.version import LATEST_MODERN_VERSION

ACCEPT = "application/json, text/event-stream"
INTERNAL_ERROR = -32603


def envelope(**capabilities: Any) -> dict[str, Any]:
    """What a client of the newer protocol says of itself with each request."""
    return {
        PROTOCOL_VERSION_META_KEY: LATEST_MODERN_VERSION,
        CLIENT_CAPABILITIES_META_KEY: capabilities,
    }


def spoken(
    token: str, method: str, params: dict[str, Any], *, modern: bool
) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a request for that method."""
    headers = {
        "Authorization": f"Bearer {token}",
        "Accept": ACCEPT,
        "Content-Type": "application/json",
    }
    if modern:
        params = {"_meta": envelope(), **params}
        headers |= {"MCP-Protocol-Version": LATEST_MODERN_VERSION, "Mcp-Method": method}
        if isinstance(name := params.get("name", params.get("taskId")), str):
            headers["Mcp-Name"] = encode_header_value(name)
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return json.dumps(body).encode(), headers


async def sent(
    http: httpx.AsyncClient, body: bytes, headers: dict[str, str]
) -> tuple[int, str, str]:
    """Status, text, and what is wrong. A server that has read enough may end the connection."""
    encoded = {name.encode(): value.strip().encode() for name, value in headers.items()}
    try:
        answer = await http.post("/mcp", content=body, headers=encoded)
    except httpx.TimeoutException:
        return 0, "", f"there was no answer to {body[:300]!r}"
    except httpx.TransportError:
        return 0, "", ""
    fault = inner_fault(answer.text)
    return answer.status_code, answer.text, fault and f"{fault} to {body[:300]!r}"


def inner_fault(text: str) -> str:
    """What is wrong behind a good status: a crash that is told as an answer."""
    if f'"code":{INTERNAL_ERROR}' in text:
        return f"it was answered with an internal error: {text[:200]}"
    if '"internal_error"' in text:
        return f"a tool crashed: {text[:200]}"
    return ""
