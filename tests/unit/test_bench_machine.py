import socket
import ssl
import subprocess
import sys
from pathlib import Path

from bench.usage import Meter, tree, usage
from sandbox.simulator.arrival import last_arrival_ms, stamped
from sandbox.simulator.certificate import AUTHORITY, server_context
from sandbox.simulator.store import now_ms

BUSY_MS = 30


def test_a_request_arrives_when_the_kernel_has_it_however_late_it_is_read() -> None:
    plain = socket.create_server(("127.0.0.1", 0))
    with stamped(plain) as listening, socket.create_connection(listening.getsockname()) as client:
        accepted, _ = listening.accept()
        with accepted:
            client.sendall(b"booking")
            written = now_ms()
            while now_ms() < written + BUSY_MS:
                pass
            assert accepted.recv(100) == b"booking"
            assert last_arrival_ms() <= written
            client.sendall(b"another")
            into = bytearray(100)
            assert accepted.recv_into(into) == 7
            assert written + BUSY_MS <= last_arrival_ms() <= now_ms()


def test_the_loopback_certificate_is_trusted_through_its_own_authority(tmp_path: Path) -> None:
    server = server_context(tmp_path / "tls")
    client = ssl.create_default_context(cafile=tmp_path / "tls" / AUTHORITY)
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server, server_hostname="127.0.0.1"),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    for _ in range(4):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert ends[0].getpeercert()
    assert (tmp_path / "tls" / "server.key").stat().st_mode & 0o077 == 0


def test_a_program_is_counted_with_all_it_started() -> None:
    burn = "import time\nwhile time.process_time() < 0.2: pass\n"
    child = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {burn!r}])\n"
    program = f"{child}print('done', flush=True)\nsys.stdin.read()\n"
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        meter = Meter({"program": [process.pid]})
        assert process.stdout.readline() == b"done\n"
        meter.look()
        assert meter.cpu_s()["program"] >= 0.15  # the kernel counts in ticks, and drops parts
        assert meter.rss_mb("program") > 1
        assert tree(process.pid)[0] == process.pid
        process.stdin.close()
    assert usage([process.pid]).cpu_s == 0
