"""Asking a local server whether it is ready."""

import http.client
import json
import socket
import time
from collections.abc import Callable, Mapping
from typing import Any

HOST = "127.0.0.1"
PAUSE_SECONDS = 0.02
ANSWER_SECONDS = 2.0


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Poll until the condition holds; False when it did not within so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(PAUSE_SECONDS)
    return True


def listens(port: int) -> bool:
    """Whether something accepts connections there."""
    try:
        socket.create_connection((HOST, port), timeout=ANSWER_SECONDS).close()
    except OSError:
        return False
    return True


def fetch(port: int, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, bytes]:
    """One GET; status 0 when nobody answered."""
    connection = http.client.HTTPConnection(HOST, port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", path, headers=dict(headers or {}))
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()


def answers(port: int, path: str = "/", headers: Mapping[str, str] | None = None) -> bool:
    """Whether an HTTP server answers there, with anything but a fault of its own."""
    return 0 < fetch(port, path, headers)[0] < http.HTTPStatus.INTERNAL_SERVER_ERROR


def read_json(port: int, path: str) -> Any:
    """The JSON of a 200 answer; None for any other."""
    status, body = fetch(port, path)
    return json.loads(body) if status == http.HTTPStatus.OK else None
