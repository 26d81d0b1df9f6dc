"""OpenTelemetry set up for one program: what makes spans, and where they go."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from threading import Thread

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.propagate import set_global_textmap
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased
from opentelemetry.trace import set_tracer_provider
from temporalio.contrib.opentelemetry import OpenTelemetryPlugin, create_tracer_provider

from telemetry.border import Border
from telemetry.calls import OnlyWithinATrace, named_by_path
from telemetry.scrubbing import ScrubbedSpans
from telemetry.sends import show
from telemetry.tracing import Tracing

EXPORT_SECONDS = 3.0
"""How long a collector is waited for, also by a program that stops."""

UNTRACED_URLS = "rpc/orphans,rpc/unmarked"
"""What `LaneWatch` asks every second, beside the claim that began it."""


@contextmanager
def exported(service: str, *, calls: bool) -> Generator[Tracing]:
    """As `telemetry.tracing.traced`, once somebody collects. Once in a process."""
    tracing = Tracing(plugins=[OpenTelemetryPlugin(add_temporal_spans=True)], sends=show)
    provider = create_tracer_provider(
        sampler=ParentBased(OnlyWithinATrace()),
        resource=Resource.create({SERVICE_NAME: service}),
        shutdown_on_exit=False,
    )
    spans = ScrubbedSpans(OTLPSpanExporter(timeout=EXPORT_SECONDS), tracing.tools)
    provider.add_span_processor(BatchSpanProcessor(spans))
    set_tracer_provider(provider)
    set_global_textmap(Border())
    if calls:
        os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http")
        os.environ.setdefault("OTEL_PYTHON_HTTPX_EXCLUDED_URLS", UNTRACED_URLS)
        HTTPXClientInstrumentor().instrument(async_request_hook=named_by_path)
    try:
        yield tracing
    finally:
        # Beside, because a collector that hangs would be waited for once for each batch.
        ending = Thread(target=provider.shutdown, daemon=True)
        ending.start()
        ending.join(EXPORT_SECONDS)
