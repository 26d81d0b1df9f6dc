"""The control surface, later work and the ledger."""

import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from sandbox.simulator.application import Simulator
from sandbox.simulator.control import ControlError, SimulatorControl
from sandbox.simulator.server import PortTaken, running
from sandbox.simulator.store import StateFileBusy
from sandbox.simulator.vendor import Vendor

TOKEN = "control-token-for-tests"


def _eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline, "it did not come to pass within 10 s"
        time.sleep(0.01)


def _total(client: httpx.Client) -> int:
    return client.get("/counter/now").json()["total"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/_sim/requests"),
        ("GET", "/_sim/invariants"),
        ("GET", "/_sim/deliveries"),
        ("GET", "/_sim/faults"),
        ("POST", "/_sim/faults"),
        ("DELETE", "/_sim/faults"),
        ("POST", "/_sim/reset"),
        ("GET", "/_sim/nothing"),
    ],
)
def test_control_asks_for_its_token(client: httpx.Client, method: str, path: str) -> None:
    assert client.request(method, path).status_code == 401
    wrong = {"authorization": "Bearer guess"}
    assert client.request(method, path, headers=wrong).status_code == 401


def test_health_needs_no_token(client: httpx.Client) -> None:
    assert client.get("/_sim/health").json() == {"ok": True, "simulator": "counter"}


async def test_control_refuses_a_client_of_another_machine(tmp_path: Path, vendor: Vendor) -> None:
    simulator = Simulator(vendor, tmp_path / "counter.db", TOKEN)
    far = httpx.ASGITransport(simulator.application(), client=("192.0.2.7", 4711))
    good = {"authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(transport=far, base_url="http://sim") as client:
        assert (await client.get("/_sim/requests", headers=good)).status_code == 403
        assert (await client.get("/_sim/health")).status_code == 403
    simulator.store.close()


def test_the_ledger_tells_arrival_commit_and_answer_and_no_query(
    client: httpx.Client, control: SimulatorControl
) -> None:
    before = time.time() * 1000
    client.post("/counter?apiKey=hush", json={"reference": "r1"})
    client.get("/counter/now")
    write, read = control.requests()
    assert (write.reference, write.path, write.status, write.answered) == (
        "r1",
        "/counter",
        201,
        True,
    )
    assert write.committed_ms is not None
    assert write.finished_ms is not None
    assert before <= write.arrived_ms <= write.committed_ms <= write.finished_ms
    assert (read.endpoint, read.committed_ms) == ("GET /counter/{any}", None)
    assert control.requests("r1") == [write]
    assert control.requests(after_id=write.id) == [read]


def test_a_refusal_rolls_its_transaction_back(
    client: httpx.Client, control: SimulatorControl
) -> None:
    assert client.post("/counter", json={"amount": -1}).json() == {"message": "Only upwards."}
    assert _total(client) == 0
    assert control.requests()[0].committed_ms is None


def test_an_error_inside_the_simulator_is_a_500_of_the_vendor(client: httpx.Client) -> None:
    answer = client.post("/counter", json={"amount": None})
    assert answer.status_code == 500
    assert "simulator itself" in answer.json()["message"]
    assert _total(client) == 0


def test_scheduled_work_happens_later(client: httpx.Client) -> None:
    assert client.post("/counter", json={"later_ms": 60}).json() == {"total": 1}
    _eventually(lambda: _total(client) == 2)


def test_a_webhook_is_signed_anew_for_each_attempt_until_taken(
    client: httpx.Client, control: SimulatorControl
) -> None:
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            seen.append(self.headers["x-signed"])
            self.send_response(200 if len(seen) > 1 else 503)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
            del format, args

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as receiver:
        thread = threading.Thread(target=receiver.serve_forever, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{receiver.server_port}/"
        client.post("/counter", json={"webhook": url})
        _eventually(lambda: [d["status"] for d in control.deliveries()] == [200])
        receiver.shutdown()
        thread.join(10)
    assert seen == ["s-1", "s-2"]


def test_a_broken_promise_is_reported(client: httpx.Client, control: SimulatorControl) -> None:
    assert control.invariants().holds
    client.post("/counter", json={"amount": 1001})
    assert control.invariants().violations == ("the total is above 1000",)


def test_a_reset_forgets_state_ledger_and_faults(
    client: httpx.Client, control: SimulatorControl
) -> None:
    client.post("/counter", json={"amount": 5})
    control.add_fault("hang")
    control.reset()
    assert (control.requests(), control.faults()) == ([], [])
    assert _total(client) == 0


def test_the_state_survives_a_restart_and_has_one_writer(tmp_path: Path, vendor: Vendor) -> None:
    data = tmp_path / "counter.db"
    with running(vendor, data=data, control_token=TOKEN) as url:
        httpx.post(f"{url}/counter", json={"amount": 3})
        with (
            pytest.raises(StateFileBusy, match="another process"),
            running(vendor, data=data, control_token=TOKEN),
        ):
            pass
    with running(vendor, data=data, control_token=TOKEN) as url:
        assert httpx.get(f"{url}/counter/now").json() == {"total": 3}


def test_a_taken_port_is_said_so(base_url: str, tmp_path: Path, vendor: Vendor) -> None:
    port = httpx.URL(base_url).port or 0
    with (
        pytest.raises(PortTaken, match=f"Port {port} is in use"),
        running(vendor, data=tmp_path / "other.db", control_token=TOKEN, port=port),
    ):
        pass


def test_a_wrong_token_is_an_error_with_the_reason(base_url: str) -> None:
    with SimulatorControl(base_url, "guess") as stranger:
        assert stranger.healthy()
        with pytest.raises(ControlError, match="Authorization"):
            stranger.requests()
