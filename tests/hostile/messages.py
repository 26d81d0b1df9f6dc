"""Bodies and headers that are no message of the protocol, or a strange one."""

import json
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, LATEST_MODERN_VERSION

from tests.hostile.blows import Outcome, judged
from tests.hostile.drawing import JSON, NASTY
from tests.hostile.speech import ACCEPT, sent, spoken
from tests.hostile.target import Target

KIND = "malformed JSON-RPC"

METHODS = [
    "initialize",
    "ping",
    "tools/list",
    "tools/call",
    "resources/list",
    "resources/read",
    "resources/templates/list",
    "resources/subscribe",
    "prompts/list",
    "prompts/get",
    "completion/complete",
    "logging/setLevel",
    "subscriptions/listen",
    "server/discover",
    "tasks/get",
    "tasks/update",
    "tasks/cancel",
    "tasks/list",
    "tasks/result",
    "notifications/initialized",
    "notifications/cancelled",
    "notifications/progress",
    "sampling/createMessage",
    "rpc.discover",
    "__class__",
    "",
]

HEADERS: dict[str, list[str]] = {
    "Content-Type": [
        "application/json; charset=utf-16",
        "text/plain",
        "application/json, text/html",
        "",
        "application/jsonx",
        "multipart/form-data; boundary=x",
    ],
    "Accept": [
        "",
        "*/*",
        "text/event-stream",
        "application/json;q=0",
        "q" * 4_000,
        "application/*",
    ],
    "Content-Encoding": ["gzip", "br", "identity, gzip"],
    "MCP-Protocol-Version": [
        *HANDSHAKE_PROTOCOL_VERSIONS,
        LATEST_MODERN_VERSION,
        "9999-99-99",
        "",
        "x" * 500,
    ],
    "Mcp-Session-Id": ["x", "../../x", "é", "x" * 5_000],
    "Mcp-Method": ["tools/list", "tools/call", "", "=?base64?!!?="],
    "Mcp-Name": ["add_child", "=?base64?/w==?=", "=?base64?"],
    "Mcp-Param-Org-Ref": ["north", "=?base64?bm9ydGg=?="],
    "Last-Event-ID": ["1", "x" * 1_000],
    "Authorization": ["Bearer", "Bearer ", "Bearer a.b.c", "Basic YTpi", "bearer  x", "é"],
    "Origin": ["null", "https://evil.example", ""],
    "Cookie": ["a=b;" * 100],
    "Transfer-Encoding": ["identity"],
    "X-HTTP-Method-Override": ["DELETE"],
}


@dataclass(frozen=True)
class Message:
    """One POST to the chat tools."""

    target: Target
    body: bytes
    headers: dict[str, str] = field(repr=False)

    async def land(self) -> Outcome:
        """Anything but a server's error is a good answer: some of these are almost right."""
        status, _, fault = await sent(self.target.http, self.body, self.headers)
        return judged(KIND, status, fault)


@st.composite
def messages(draw: st.DrawFn, target: Target) -> Message:
    """A message of any of these kinds, under headers that may be strange too."""
    method = draw(st.sampled_from(METHODS) | st.text(max_size=20))
    params = draw(st.dictionaries(st.text(max_size=10), JSON, max_size=3) | _near(method))
    good, headers = spoken(next(target.tokens), "tools/list", {}, modern=draw(st.booleans()))
    body = draw(
        st.one_of(
            st.just(good),
            st.binary(max_size=300),
            JSON.map(_written),
            _envelopes(method, params),
            _damaged(good),
            st.sampled_from(BOMBS),
        )
    )
    if "Mcp-Method" in headers and draw(st.booleans()):
        headers["Mcp-Method"] = method if method.isascii() and method.isprintable() else "x"
    for name in draw(st.lists(st.sampled_from(sorted(HEADERS)), max_size=2)):
        headers[name] = draw(st.sampled_from(HEADERS[name]))
    headers.setdefault("Accept", ACCEPT)
    return Message(target, body, headers)


def _near(method: str) -> st.SearchStrategy[dict[str, Any]]:
    """Parameters that some method has, with anything in them."""
    names = ["name", "uri", "arguments", "cursor", "_meta", "protocolVersion", "capabilities"]
    names += ["clientInfo", "level", "ref", "requestId", "progressToken", "taskId"]
    names += ["requestState", "inputResponses"]
    known = {"name": "add_child"} if method == "tools/call" else {}
    return st.dictionaries(st.sampled_from(names), JSON, max_size=5).map(lambda it: known | it)


def _envelopes(method: str, params: dict[str, Any]) -> st.SearchStrategy[bytes]:
    """A request of which any part may be anything, or be missing; or several of them."""
    one = st.fixed_dictionaries(
        {},
        optional={
            "jsonrpc": st.just("2.0") | JSON,
            "id": st.integers() | st.text(max_size=10) | JSON,
            "method": st.just(method) | JSON,
            "params": st.just(params) | JSON,
            "result": JSON,
            "error": JSON,
        },
    )
    whole = st.just({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
    return st.one_of(whole, one, st.lists(one | whole, max_size=4)).map(_written)


@st.composite
def _damaged(draw: st.DrawFn, good: bytes) -> bytes:
    """A good message, cut, or with something in it that was not there."""
    at = draw(st.integers(0, len(good)))
    return good[:at] + draw(st.binary(max_size=5)) + good[at + draw(st.integers(0, 5)) :]


def _written(value: Any) -> bytes:
    return json.dumps(value).encode()


BOMBS = [
    b"[" * 100_000,
    b"[" * 50_000 + b"]" * 50_000,
    b'{"a":' * 20_000,
    b'{"jsonrpc":"2.0","id":' + b"9" * 5_000 + b',"method":"ping"}',
    b'{"jsonrpc":"2.0","id":1e999,"method":"ping"}',
    b'{"jsonrpc":"2.0","id":NaN,"method":"ping"}',
    b'{"jsonrpc":"2.0","id":"\\ud800","method":"ping"}',
    b'{"jsonrpc":"2.0","id":1,"id":2,"method":"ping","method":"tools/list"}',
    b"\xef\xbb\xbf{}",
    '{"jsonrpc":"2.0","id":1,"method":"ping"}'.encode("utf-16"),
    b"\x1f\x8b\x08\x00" + b"\x00" * 20,
    b"x" * 256 * 1024,
    b"x" * (256 * 1024 + 1),
    b" " * 600_000,
    json.dumps([{"jsonrpc": "2.0", "id": n, "method": "ping"} for n in range(2_000)]).encode(),
    *(json.dumps({"jsonrpc": "2.0", "id": it, "method": "ping"}).encode() for it in NASTY),
    *(
        json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": it}).encode()
        for it in NASTY
    ),
]
"""What exhausts or confuses a parser."""
