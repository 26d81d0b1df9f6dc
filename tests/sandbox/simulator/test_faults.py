"""Each fault, as a client meets it on a real socket."""

import socket
import time
from email.utils import parsedate_to_datetime

import httpx
import pytest

from sandbox.simulator.control import ControlError, SimulatorControl

ADD = {"amount": 1, "reference": "r1"}


def _total(client: httpx.Client) -> int:
    return client.get("/counter/now").json()["total"]


def _raw_exchange(base_url: str) -> bytes:
    url = httpx.URL(base_url)
    body = b'{"amount":1}'
    with socket.create_connection((url.host, url.port or 0), timeout=5) as raw:
        raw.sendall(
            b"POST /counter HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)
        )
        return raw.recv(4096)


@pytest.mark.parametrize(("kind", "total"), [("drop_before", 0), ("drop_after", 1)])
def test_a_drop_is_a_real_tcp_reset(
    base_url: str, client: httpx.Client, control: SimulatorControl, kind: str, total: int
) -> None:
    control.add_fault(kind, endpoint="POST /counter")
    with pytest.raises(ConnectionResetError):
        _raw_exchange(base_url)
    assert _total(client) == total
    entry = control.requests()[0]
    assert (entry.answered, entry.status, entry.faults) == (False, None, (kind,))
    assert (entry.committed_ms is not None) == bool(total)


def test_a_client_library_reports_the_drop_and_the_next_call_works(
    client: httpx.Client, control: SimulatorControl
) -> None:
    control.add_fault("drop_after")
    with pytest.raises(httpx.ReadError):
        client.post("/counter", json=ADD)
    assert client.post("/counter", json=ADD).json() == {"total": 2}


@pytest.mark.parametrize(("kind", "total"), [("error_before", 0), ("error_after", 1)])
def test_an_error_comes_before_or_after_the_commit(
    client: httpx.Client, control: SimulatorControl, kind: str, total: int
) -> None:
    control.add_fault(kind, endpoint="POST /counter", status=502)
    assert client.post("/counter", json=ADD).status_code == 502
    assert _total(client) == total


@pytest.mark.parametrize(
    ("hint", "header", "field"),
    [("header", "7", None), ("body", None, 7), ("both", "7", 7), ("none", None, None)],
)
def test_a_throttle_hints_where_it_is_told_to(
    client: httpx.Client,
    control: SimulatorControl,
    hint: str,
    header: str | None,
    field: int | None,
) -> None:
    control.add_fault("throttle", hint=hint, seconds=7)
    answer = client.post("/counter", json=ADD)
    assert answer.status_code == 429
    assert answer.headers.get("retry-after") == header
    assert answer.json().get("retryAfter") == field


@pytest.mark.parametrize(("after_commit", "total"), [(False, 0), (True, 1)])
def test_a_hang_ends_with_the_clients_patience(
    client: httpx.Client, control: SimulatorControl, *, after_commit: bool, total: int
) -> None:
    control.add_fault("hang", endpoint="POST /counter", after_commit=after_commit)
    with pytest.raises(httpx.ReadTimeout):
        client.post("/counter", json=ADD, timeout=0.2)
    assert _total(client) == total


def test_a_truncated_body_breaks_off_after_the_commit(
    client: httpx.Client, control: SimulatorControl
) -> None:
    control.add_fault("truncate", endpoint="POST /counter", keep_bytes=3)
    with pytest.raises(httpx.RemoteProtocolError):
        client.post("/counter", json=ADD)
    assert _total(client) == 1


def test_an_empty_body_keeps_status_and_headers(
    client: httpx.Client, control: SimulatorControl
) -> None:
    control.add_fault("empty_body")
    answer = client.post("/counter", json=ADD)
    assert (answer.status_code, answer.content) == (201, b"")


def test_latency_before_delays_the_commit_and_latency_after_the_answer(
    client: httpx.Client, control: SimulatorControl
) -> None:
    control.add_fault("latency_before_ms", ms=60)
    control.add_fault("latency_after_ms", ms=70)
    client.post("/counter", json=ADD)
    entry = control.requests("r1")[0]
    assert entry.committed_ms is not None
    assert entry.finished_ms is not None
    assert entry.committed_ms - entry.arrived_ms >= 59
    assert entry.finished_ms - entry.committed_ms >= 69


def test_refused_connections_come_back_on_the_same_port(
    client: httpx.Client, control: SimulatorControl
) -> None:
    assert _total(client) == 0
    control.add_fault("refuse_connections", remaining=None, seconds=1)
    refused = False
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            client.get("/counter/now")
        except httpx.ConnectError:
            refused = True
        else:
            if refused:
                break
        time.sleep(0.02)
    assert refused
    assert _total(client) == 0


def test_a_skewed_clock_shows_in_the_date_header(
    client: httpx.Client, control: SimulatorControl
) -> None:
    control.add_fault("clock_skew", remaining=None, ms=-3_600_000)
    date = parsedate_to_datetime(client.get("/counter/now").headers["date"])
    assert 3590 < time.time() - date.timestamp() < 3610


def test_an_answer_may_go_without_its_date(client: httpx.Client, control: SimulatorControl) -> None:
    control.add_fault("no_date")
    assert "date" not in client.get("/counter/now").headers
    assert "date" in client.get("/counter/now").headers


@pytest.mark.parametrize("told", [True, False])
def test_a_stale_date_says_so_in_its_age_or_keeps_it_to_itself(
    client: httpx.Client, control: SimulatorControl, told: bool
) -> None:
    control.add_fault("stale_date", age_seconds=100, with_age=told)
    headers = client.get("/counter/now").headers
    assert 95 < time.time() - parsedate_to_datetime(headers["date"]).timestamp() < 110
    assert headers.get("age") == ("100" if told else None)


def test_every_answer_tells_the_true_arrival_that_the_ledger_holds(
    client: httpx.Client, control: SimulatorControl
) -> None:
    control.add_fault("clock_skew", ms=-3_600_000)
    before = time.time() * 1000
    told = float(client.post("/counter", json=ADD).headers["x-arrived-at-ms"])
    (entry,) = control.requests()
    assert before - 1 < told <= time.time() * 1000
    assert told == pytest.approx(entry.arrived_ms, abs=0.001)


def test_a_rule_hits_its_reference_and_count_only(
    client: httpx.Client, control: SimulatorControl
) -> None:
    control.add_fault("error_before", endpoint="POST /*", reference="r2", skip=1, remaining=1)
    sent = ["r1", "r2", "r2", "r2"]
    statuses = [client.post("/counter", json={"reference": r}).status_code for r in sent]
    assert statuses == [201, 201, 503, 201]


def test_a_seeded_probability_repeats_itself(
    client: httpx.Client, control: SimulatorControl
) -> None:
    def run() -> list[int]:
        control.clear_faults()
        control.add_fault("error_before", remaining=None, probability=0.5, seed=11)
        return [client.get("/counter/now").status_code for _ in range(20)]

    first = run()
    assert set(first) == {200, 503}
    assert run() == first


def test_an_unknown_kind_or_parameter_is_refused_with_the_reason(
    control: SimulatorControl,
) -> None:
    with pytest.raises(ControlError, match="no fault kind 'gremlins'"):
        control.add_fault("gremlins")
    with pytest.raises(ControlError, match="minutes: Extra inputs"):
        control.add_fault("hang", minutes=3)
    assert control.faults() == []
