"""What no client library would send: bytes that are almost HTTP, or nothing like it."""

from dataclasses import dataclass

from hypothesis import strategies as st

from tests.hostile.blows import Outcome, judged
from tests.hostile.target import Target
from tests.mcp_server.wire import answered
from tests.mcp_server.world import PUBLIC_HOST

KIND = "tricks with heads and hosts"

METHODS = [
    "GET",
    "POST",
    "HEAD",
    "OPTIONS",
    "DELETE",
    "PUT",
    "TRACE",
    "CONNECT",
    "PRI",
    "get",
    "G\0T",
]
TARGETS = [
    "/",
    "/mcp",
    "/mcp/",
    "//mcp",
    "/mcp/../healthz",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/%00",
    "/%ff%fe",
    "/healthz?a=%zz",
    "/card-saved?card_setup=<b>",
    "/payment-approved?redirect_status=succeeded&redirect_status=x",
    "/webhooks/bookeo",
    "/.well-known/oauth-protected-resource",
    "http://evil.example/mcp",
    f"http://{PUBLIC_HOST}/mcp",
    "evil.example:443",
    "*",
    "",
    "mcp",
    "/" + "a" * 20_000,
    "/a b",
    "/?" + "&".join(f"a{n}=1" for n in range(2_000)),
]
VERSIONS = ["HTTP/1.1", "HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/9.9", "http/1.1", "", "XYZ"]
HOSTS = [
    f"Host: {PUBLIC_HOST}",
    "Host: evil.example",
    f"Host: {PUBLIC_HOST}:1",
    f"Host: {PUBLIC_HOST}@evil.example",
    f"Host: {PUBLIC_HOST}, evil.example",
    f"Host:{PUBLIC_HOST}\tevil.example",
    f"Host: {PUBLIC_HOST}\r\nHost: evil.example",
    f"Host : {PUBLIC_HOST}",
    f" Host: {PUBLIC_HOST}",
    "Host:",
    "Host: [::1",
    "Host: \xff\xfe",
    "X: y",
]
LINES = [
    "Content-Length: 5",
    "Content-Length: 0",
    "Content-Length: -1",
    "Content-Length: +5",
    "Content-Length: 5, 5",
    "Content-Length: 5\r\nContent-Length: 6",
    "Content-Length: 0x5",
    "Content-Length: " + "9" * 18,
    "Content-Length: " + "9" * 5_000,
    "Content-Length: ",
    "Transfer-Encoding: chunked",
    "Transfer-Encoding: chunked, identity",
    "Transfer-Encoding: xchunked",
    "Transfer-Encoding: chunked\r\nContent-Length: 5",
    "Expect: 100-continue",
    "Expect: the unexpected",
    "Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x",
    "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk",
    "Connection: close",
    "Connection: keep-alive, Host",
    "Authorization: Bearer " + "a" * 30_000,
    "Authorization: Bearer \xe9",
    "Cookie: " + "a=b; " * 5_000,
    "X-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: gopher\r\nX-Forwarded-For: 127.0.0.1",
    "X-Folded: a\r\n b",
    "X-Nul: a\x00b",
    "X-Bare: a\nY: b",
    "X\x7f: y",
    ": nameless",
    "no colon",
    "Range: bytes=0-,0-,0-,0-",
    "\r\n".join(f"X-{n}: y" for n in range(500)),
    "Content-Type: application/json",
    "Accept: application/json",
]
BODIES = [
    "",
    "hello",
    "0\r\n\r\n",
    "5\r\nhello\r\n0\r\n\r\n",
    "ffffffffffffffff\r\nx",
    "-1\r\nx",
    "5;ext=" + "a" * 5_000 + "\r\nhello\r\n0\r\n\r\n",
    "zz\r\n",
    f"GET /healthz HTTP/1.1\r\nHost: {PUBLIC_HOST}\r\n\r\n" * 20,
    "0\r\n\r\nGET /mcp HTTP/1.1\r\nHost: evil.example\r\n\r\n",
]
OTHER_TONGUES = [
    b"",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64,
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"SSH-2.0-OpenSSH_9.9\r\n",
    b"\x00" * 4_096,
    b"\r\n" * 5_000,
    b"\n\n\n\n",
    b"EHLO evil.example\r\n",
    b"*1\r\n$4\r\nPING\r\n",
    b"GET / HTTP/1.1\r\n" + b"A" * 70_000,
]


@dataclass(frozen=True)
class Head:
    """Some bytes on a connection of their own."""

    target: Target
    sent: bytes

    async def land(self) -> Outcome:
        """A refusal, or the end of the connection; in time either way."""
        try:
            status = await answered(self.target.world.base, self.sent)
        except TimeoutError:
            return judged(KIND, 0, f"it was waited for without an end: {self.sent[:200]!r}")
        outcome = judged(KIND, status)
        return judged(KIND, status, outcome.fault and f"{outcome.fault}: {self.sent[:200]!r}")


def _often_right(part: list[str]) -> st.SearchStrategy[str]:
    """The first of them is: two wrong things in one request hide each other."""
    return st.one_of(st.just(part[0]), st.just(part[0]), st.sampled_from(part))


@st.composite
def _almost_http(draw: st.DrawFn) -> bytes:
    first = " ".join(draw(_often_right(part)) for part in (METHODS, TARGETS, VERSIONS))
    lines = draw(st.lists(st.sampled_from(LINES), min_size=1, max_size=3))
    end = draw(st.sampled_from(["\r\n", "\r\n", "\r\n", "\n"]))
    head = end.join([first, draw(_often_right(HOSTS)), *lines, "", draw(_often_right(BODIES))])
    return head.encode("latin-1")


def heads(target: Target) -> st.SearchStrategy[Head]:
    """Bytes of any of these kinds; a few turn out to be well formed."""
    sent = st.one_of(
        _almost_http(), _almost_http(), st.sampled_from(OTHER_TONGUES), st.binary(max_size=200)
    )
    return sent.map(lambda it: Head(target, it))
