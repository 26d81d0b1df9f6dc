"""Traces, where somebody collects them; else nothing of OpenTelemetry is even loaded."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from temporalio.client import Plugin

from activities.book import Trace, untraced
from telemetry_settings import TracingSettings


@dataclass(frozen=True)
class Tracing:
    """What a program hands on so that its work is traced."""

    plugins: Sequence[Plugin] = ()
    """Of the Temporal client: workflows, activities and calls of either."""
    sends: Trace = untraced
    """Is told what each attempt at a booking sent."""
    tools: set[str] = field(default_factory=set[str])
    """The chat tools by whose names spans may be called; a stranger may write any other."""


@contextmanager
def traced(service: str, *, calls: bool = True) -> Generator[Tracing]:
    """Trace until the end, and then send what is left.

    Args:
        service: the program's name in the traces.
        calls: whether requests over httpx are spans too. Each costs some time just before it is
            sent: not where a booking waits for its instant.

    Raises:
        SettingsError: OTEL_EXPORTER_OTLP_ENDPOINT is malformed.
    """
    if TracingSettings.load().otel_exporter_otlp_endpoint is None:
        yield Tracing()
        return
    from telemetry.exporting import exported  # noqa: PLC0415 - heavy, and mostly not needed

    with exported(service, calls=calls) as tracing:
        yield tracing
