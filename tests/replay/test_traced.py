"""Whoever switches traces on, or off, has runs that sleep: they must wake all the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from temporalio.client import WorkflowHistory
from temporalio.contrib.opentelemetry import OpenTelemetryPlugin, create_tracer_provider
from temporalio.worker import Replayer

from gateways.payload_codec import data_converter
from tests.replay.test_histories import HISTORIES
from workflows.registration import RegistrationWorkflow
from workflows.sandboxing import workflow_runner

INTERCEPTOR = "temporalio.contrib.opentelemetry._otel_interceptor"

REGISTRATIONS = sorted((HISTORIES / "on_the_instant").glob("*.json"))


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """What the plugin makes, without a provider for the whole of this process."""
    kept, provider = InMemorySpanExporter(), create_tracer_provider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    monkeypatch.setattr(f"{INTERCEPTOR}.get_tracer_provider", lambda: provider)
    monkeypatch.setattr(f"{INTERCEPTOR}.get_tracer", provider.get_tracer)
    yield kept
    provider.shutdown()


@pytest.mark.parametrize("path", REGISTRATIONS, ids=lambda path: path.stem)
async def test_a_run_that_nobody_traced_replays_where_somebody_does(
    path: Path, spans: InMemorySpanExporter
) -> None:
    replayer = Replayer(
        workflows=[RegistrationWorkflow],
        data_converter=data_converter(None),
        workflow_runner=workflow_runner(),
        plugins=[OpenTelemetryPlugin(add_temporal_spans=True)],
    )
    history = WorkflowHistory.from_json("registration-replayed", path.read_text())
    result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
    assert result.replay_failure is None
    # What is replayed was over long ago, and is no story of today.
    assert spans.get_finished_spans() == ()
