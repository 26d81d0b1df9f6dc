"""The limit of machine and stand-in: connected sockets, ready bytes, a loop of writes."""

import asyncio
import gc
import json
import os
import socket
import ssl
import time
from collections import Counter
from urllib.parse import urlsplit

from bench.programs.orders import (
    Armed,
    Job,
    Sent,
    Wanted,
    orders,
    read_job,
    soon,
    tell,
    until_dismissed,
)
from connection import open_gateways
from domain.booking import BookingOrder

ANSWER_BYTES = 65_536
SPIN_S = 0.02
"""The last moments are spun away: no sleep ends exactly enough."""
LONGEST_ANSWER_S = 60


def main() -> None:
    """Do the job on stdin."""
    job = read_job()
    ordered = asyncio.run(_orders(job))
    address = urlsplit(os.environ["BOOKEO_API_BASE"])
    tls = ssl.create_default_context() if address.scheme == "https" else None
    host, port = address.hostname or "", address.port or 443
    requests = [_request(one, order, host) for one, order in zip(job.wanted, ordered, strict=True)]
    sockets = [_connected(host, port, tls) for _ in requests]
    gc.disable()
    instant = soon()
    tell(Armed(send_at=instant))
    at = instant.timestamp()
    time.sleep(max(at - time.time() - SPIN_S, 0))
    while time.time() < at:
        pass
    for sock, request in zip(sockets, requests, strict=True):
        sock.send(request)
    answers = Counter(_status(sock) for sock in sockets)
    tell(Sent(answered_s=round(time.time() - at, 3), answers=dict(answers)))
    until_dismissed()


async def _orders(job: Job) -> list[BookingOrder]:
    async with open_gateways() as gateways:
        return await orders(gateways.providers, job.wanted)


def _connected(host: str, port: int, tls: ssl.SSLContext | None) -> socket.socket:
    plain = socket.create_connection((host, port), timeout=LONGEST_ANSWER_S)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return tls.wrap_socket(plain, server_hostname=host) if tls else plain


def _request(wanted: Wanted, order: BookingOrder, host: str) -> bytes:
    body = json.dumps(
        {
            "productId": order.product_id,
            "eventId": order.event_id,
            "customerId": order.people.customer_id,
            "externalRef": order.reference,
            "participants": {
                "numbers": [{"peopleCategoryId": order.people_category, "number": 1}],
                "details": [
                    {
                        "personId": order.people.person_ids[0],
                        "peopleCategoryId": order.people_category,
                        "categoryIndex": 1,
                    }
                ],
            },
        }
    ).encode()
    key = os.environ[f"BOOKEO_API_KEY__{wanted.credentials.upper()}"]
    head = (
        "POST /v2/bookings?notifyUsers=true&notifyCustomer=true HTTP/1.1\r\n"
        f"Host: {host}\r\nX-Bookeo-apiKey: {key}\r\n"
        f"X-Bookeo-secretKey: {os.environ['BOOKEO_SECRET_KEY']}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _status(sock: socket.socket) -> str:
    line = sock.recv(ANSWER_BYTES).split(b"\r\n", 1)[0]
    return line.decode("latin-1", "replace")


if __name__ == "__main__":
    main()
