"""Signed webhooks, received by a real server."""

import hashlib
import hmac
import json
import queue
import threading
from collections.abc import Generator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.sandbox.bookeo.desk import Desk


@dataclass(frozen=True)
class Received:
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Receiver:
    url: str
    inbox: "queue.Queue[Received]"
    statuses: "queue.Queue[int]"

    def next(self) -> Received:
        return self.inbox.get(timeout=10)


@pytest.fixture
def receiver() -> Generator[Receiver, None, None]:
    inbox: queue.Queue[Received] = queue.Queue()
    statuses: queue.Queue[int] = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            inbox.put(Received(headers, body))
            self.send_response(200 if statuses.empty() else statuses.get())
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Receiver(f"http://127.0.0.1:{server.server_port}/hooks", inbox, statuses)
    server.shutdown()
    thread.join(10)
    server.server_close()


def _register(desk: Desk, url: str, change: str) -> str:
    body = {"url": url, "domain": "bookings", "type": change}
    answer = desk.client.post("/webhooks", json=body)
    assert answer.status_code == 201
    return answer.headers["location"].rsplit("/", 1)[1]


def test_a_booking_and_its_cancellation_are_announced_with_a_signature(
    desk: Desk, receiver: Receiver
) -> None:
    _register(desk, receiver.url, "created")
    _register(desk, receiver.url, "deleted")
    number = desk.book().json()["bookingNumber"]
    got = receiver.next()
    stamp, message = got.headers["x-bookeo-timestamp"], got.headers["x-bookeo-messageid"]
    signed = f"{stamp}{message}{receiver.url}".encode() + got.body
    expected = hmac.new(b"secret-key", signed, hashlib.sha256).hexdigest()
    assert got.headers["x-bookeo-signature"] == expected
    assert json.loads(got.body)["itemId"] == number
    assert json.loads(got.body)["item"]["externalRef"] == "r1"
    desk.client.delete(f"/bookings/{number}")
    assert json.loads(receiver.next().body)["item"]["canceled"] is True


def test_an_unanswered_webhook_comes_again_under_its_message_id(
    desk: Desk, receiver: Receiver
) -> None:
    receiver.statuses.put(500)
    _register(desk, receiver.url, "created")
    desk.book()
    first, second = receiver.next(), receiver.next()
    assert first.body == second.body
    assert first.headers["x-bookeo-messageid"] == second.headers["x-bookeo-messageid"]
    assert "secret-key" not in str(desk.control.deliveries())


def test_a_removed_webhook_is_silent(desk: Desk, receiver: Receiver) -> None:
    hook = _register(desk, receiver.url, "created")
    assert desk.client.delete(f"/webhooks/{hook}").status_code == 204
    assert desk.client.delete(f"/webhooks/{hook}").status_code == 404
    desk.book()
    assert desk.control.deliveries() == []


def test_no_webhook_leaves_this_machine(desk: Desk) -> None:
    body = {"url": "https://example.com/hooks", "domain": "bookings", "type": "created"}
    assert desk.client.post("/webhooks", json=body).status_code == 400
