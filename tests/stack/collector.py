"""A collector of traces: what the stack's programs export, as it arrives."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from sandbox.probe import HOST


@dataclass(frozen=True)
class Span:
    """One span that was exported."""

    service: str
    name: str
    trace: bytes
    id: bytes
    parent: bytes
    workflow_id: str
    began_ns: int


class Collector:
    """Keeps everything that it is sent.

    Attributes:
        address: where it listens.
        bodies: each request's, as it came.
    """

    def __init__(self, address: str, bodies: list[bytes]) -> None:
        self.address = address
        self.bodies = bodies

    def spans(self) -> list[Span]:
        """Every span so far."""
        found: list[Span] = []
        for body in list(self.bodies):
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                named = {one.key: one.value.string_value for one in resource.resource.attributes}
                for span in (span for scope in resource.scope_spans for span in scope.spans):
                    told = {one.key: one.value.string_value for one in span.attributes}
                    found.append(
                        Span(
                            service=named["service.name"],
                            name=span.name,
                            trace=span.trace_id,
                            id=span.span_id,
                            parent=span.parent_span_id,
                            workflow_id=told.get("temporalWorkflowID", ""),
                            began_ns=span.start_time_unix_nano,
                        )
                    )
        return found


@contextmanager
def collecting() -> Generator[Collector]:
    """A collector that listens until the end."""
    bodies: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's word
            """Say nothing."""

    server = ThreadingHTTPServer((HOST, 0), Handler)
    listening = threading.Thread(target=server.serve_forever, daemon=True)
    listening.start()
    try:
        yield Collector(f"http://{HOST}:{server.server_port}", bodies)
    finally:
        server.shutdown()
        server.server_close()
        listening.join()
