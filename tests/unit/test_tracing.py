import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ParentBased
from opentelemetry.trace import StatusCode, Tracer

from activities.tries import SentRequest
from domain.contracts import BookOrder
from telemetry import sends
from telemetry.calls import OnlyWithinATrace, path_template
from telemetry.scrubbing import ScrubbedSpans
from tests.house.tree import ROOT
from tests.stack.marks import GUARDIAN, Marks, of_the_family

T = datetime(2027, 3, 1, 14, 0, 0, 123_456, tzinfo=UTC)
MS = timedelta(milliseconds=1)
FAMILY = Marks(of_the_family())


@pytest.fixture
def kept() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def provider(kept: InMemorySpanExporter) -> TracerProvider:
    provider = TracerProvider(sampler=ParentBased(OnlyWithinATrace()), resource=Resource({}))
    spans = ScrubbedSpans(kept, {"find_programs"})
    provider.add_span_processor(SimpleSpanProcessor(spans))
    return provider


@pytest.fixture
def tracer(provider: TracerProvider) -> Tracer:
    return provider.get_tracer("somebody")


def everything(kept: InMemorySpanExporter) -> bytes:
    return "".join(span.to_json() for span in kept.get_finished_spans()).encode()


def test_of_what_somebody_writes_into_a_span_only_what_is_listed_leaves(
    kept: InMemorySpanExporter, tracer: Tracer
) -> None:
    with suppress(ValueError), tracer.start_as_current_span("a step") as span:
        span.set_attribute("temporalWorkflowID", "registration-1")
        span.set_attribute("url.full", f"https://provider/customers?searchText={GUARDIAN['email']}")
        span.set_attributes(GUARDIAN)
        span.add_event("met", GUARDIAN)
        raise ValueError(GUARDIAN["first_name"])
    (left,) = kept.get_finished_spans()
    assert dict(left.attributes or {}) == {"temporalWorkflowID": "registration-1"}
    assert left.status.status_code is StatusCode.ERROR
    failure = {"exception.type": "ValueError"}
    assert [dict(event.attributes or {}) for event in left.events] == [{}, failure]
    assert FAMILY.within(everything(kept)) == set()


@pytest.mark.parametrize(
    ("method", "tool", "called"),
    [
        ("tools/call", "find_programs", "tools/call find_programs"),
        ("tools/call", GUARDIAN["email"], "tools/call other"),
        ("tools/list", GUARDIAN["email"], "tools/list"),
        (GUARDIAN["last_name"], None, "other"),
    ],
    ids=["a tool", "no tool", "a list", "no method"],
)
def test_a_message_is_called_by_what_exists_and_not_by_what_a_stranger_wrote(
    kept: InMemorySpanExporter,
    provider: TracerProvider,
    method: str,
    tool: str | None,
    called: str,
) -> None:
    with provider.get_tracer("mcp-python-sdk").start_as_current_span(
        f"{method} {tool}",
        attributes={"mcp.method.name": method, "gen_ai.tool.name": tool or ""},
    ):
        pass
    (left,) = kept.get_finished_spans()
    assert left.name == called
    assert FAMILY.within(everything(kept)) == set()


def test_a_request_of_ours_is_a_span_only_within_a_trace(
    kept: InMemorySpanExporter, tracer: Tracer
) -> None:
    request = {"http.request.method": "POST"}
    tracer.start_span("POST", attributes=request).end()
    assert kept.get_finished_spans() == ()
    with tracer.start_as_current_span("RunActivity:preflight"):
        tracer.start_span("POST", attributes=request).end()
    assert [span.name for span in kept.get_finished_spans()] == ["POST", "RunActivity:preflight"]


@pytest.mark.parametrize(
    ("url", "template"),
    [
        (
            "http://127.0.0.1:54321/rest/v1/rpc/claim_registration",
            "/rest/v1/rpc/claim_registration",
        ),
        ("https://api.bookeo.com/v2/bookings/140647314429493?a=Ysolde", "/v2/bookings/{}"),
        (
            "https://api.bookeo.com/v2/customers/Ysolde@example.com/people#x",
            "/v2/customers/{}/people",
        ),
        ("https://api.stripe.com/v1/customers/cus_9s6XKzkNRiz8i3", "/v1/customers/{}"),
        ("https://api.bookeo.com/v2/customers?searchText=Ysolde", "/v2/customers"),
        ("https://api.stripe.com", ""),
    ],
    ids=["a function", "a number", "a person", "a vendor's id", "a search", "none"],
)
def test_a_request_is_called_by_its_path_without_the_ids_in_it(url: str, template: str) -> None:
    assert path_template(url) == template


def test_each_booking_request_is_a_span_from_its_first_byte_to_its_answer(
    kept: InMemorySpanExporter, provider: TracerProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sends, "get_tracer", provider.get_tracer)
    first = SentRequest(sent_at=T + 2 * MS, answered_at=T + 40 * MS, answer="NotOpenYet")
    second = SentRequest(sent_at=T + 90 * MS, answered_at=T + 130 * MS, answer="Booked")
    with provider.get_tracer("temporal").start_as_current_span("RunActivity:book"):
        sends.show(BookOrder.model_construct(send_at=T, rank=3), [first, second])
    refused, booked, attempt = kept.get_finished_spans()
    assert (refused.name, booked.name) == (sends.NAME, sends.NAME)
    assert booked.parent == refused.parent == attempt.context
    assert refused.status.status_code is StatusCode.ERROR
    assert booked.status.status_code is StatusCode.UNSET
    assert booked.attributes is not None
    told = {name: booked.attributes[name] for name in booked.attributes if "booking" in name}
    assert told == {"booking.answer": "booked", "booking.lateness_ms": 90, "booking.rank": 3}
    assert booked.start_time is not None
    assert booked.end_time is not None
    assert booked.end_time - booked.start_time == 40_000_000
    assert booked.start_time % 1_000_000_000 == 213_456_000


def test_where_nobody_collects_nothing_of_it_is_loaded() -> None:
    program = "import worker, mcp_server.__main__, sys; print(*sys.modules)"
    loaded = subprocess.run(  # noqa: S603 - our own modules
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert "telemetry.tracing" in loaded
    heavy = ("opentelemetry.sdk", "opentelemetry.exporter", "opentelemetry.instrumentation")
    assert [name for name in loaded if name.startswith(heavy)] == []
