"""Under which names the server answers."""

import pytest

from tests.mcp_server.wire import answered
from tests.mcp_server.world import PROBE_HOST, PUBLIC_HOST, World

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATHS = [
    "/",
    "/healthz",
    "/card-saved",
    "/payment-approved",
    "/webhooks/bookeo",
    "/mcp",
    "/.well-known/oauth-protected-resource",
    "/.well-known/oauth-protected-resource/mcp",
    "/nowhere",
]


@pytest.mark.parametrize("path", PATHS)
async def test_no_path_answers_under_a_name_that_is_not_ours(served: World, path: str) -> None:
    ours, port = PUBLIC_HOST, served.base.rpartition(":")[2]
    foreign = [
        "rebound.example",
        f"{ours}:{port}",
        f"{ours}.evil.example",
        "",
        f"127.0.0.1:{port}1",
    ]
    for method in ("GET", "POST"):
        for name in foreign:
            head = f"{method} {path} HTTP/1.1\r\nHost: {name}\r\nContent-Length: 0\r\n\r\n"
            assert await answered(served.base, head.encode()) == 421, name
        head = f"{method} {path} HTTP/1.1\r\nHost: {ours}\r\nContent-Length: 0\r\n\r\n"
        assert await answered(served.base, head.encode()) not in {0, 421}


@pytest.mark.parametrize("path", ["/", "/mcp"])
async def test_no_name_and_two_names_are_no_name_of_ours(served: World, path: str) -> None:
    nameless = f"GET {path} HTTP/1.0\r\n\r\n"
    assert await answered(served.base, nameless.encode()) == 421
    twice = f"GET {path} HTTP/1.1\r\nHost: {PUBLIC_HOST}\r\nHost: evil.example\r\n\r\n"
    assert await answered(served.base, twice.encode()) == 400
    forwarded = (
        f"GET {path} HTTP/1.1\r\nHost: evil.example\r\n"
        f"X-Forwarded-Host: {PUBLIC_HOST}\r\nForwarded: host={PUBLIC_HOST}\r\n\r\n"
    )
    assert await answered(served.base, forwarded.encode()) == 421


@pytest.mark.parametrize("path", PATHS)
async def test_a_probe_s_name_leads_to_the_health_alone(served: World, path: str) -> None:
    head = f"GET {path} HTTP/1.1\r\nHost: {PROBE_HOST}\r\n\r\n"
    answer = await answered(served.base, head.encode())
    assert (answer != 421) is (path == "/healthz")


async def test_a_request_for_another_site_is_not_relayed(served: World) -> None:
    absolute = f"GET http://evil.example/healthz HTTP/1.1\r\nHost: {PUBLIC_HOST}\r\n\r\n"
    assert await answered(served.base, absolute.encode()) == 404
    tunnel = f"CONNECT evil.example:443 HTTP/1.1\r\nHost: {PUBLIC_HOST}\r\n\r\n"
    assert await answered(served.base, tunnel.encode()) in {400, 404, 405}
