import httpx
import pytest
from structlog.testing import capture_logs

from tests.mcp_server.world import TLS, World

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_request_is_logged_in_one_line_by_its_route_and_never_by_its_address(
    served: World,
) -> None:
    async with httpx.AsyncClient(base_url=served.base, timeout=10, verify=TLS) as http:
        with capture_logs() as lines:
            await http.get("/healthz", params={"who": "Zebedee"})
            await http.get("/card-saved", params={"card_setup": "Zebedee"})
            await http.get("/children/Zebedee")
            await http.request("ZEBEDEE", "/mcp")
            await served.post(None)
    requests = [line for line in lines if line["event"] == "http_request"]
    assert [(line["method"], line["route"], line["status"]) for line in requests] == [
        ("GET", "/healthz", 200),
        ("GET", "/card-saved", 200),
        ("GET", "unknown", 404),
        ("other", "/mcp", 401),
        ("POST", "/mcp", 401),
    ]
    assert all(line["duration_ms"] > 0 for line in requests)
    assert "zebedee" not in str(lines).lower()
