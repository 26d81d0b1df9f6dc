"""Nothing leaves in a span but what is listed here: no person, no key, no words of an error."""

from collections.abc import Collection, Mapping, Sequence

from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import Link, Status
from opentelemetry.util.types import AttributeValue

ATTRIBUTES = frozenset(
    {
        *("temporalWorkflowID", "temporalRunID", "temporalActivityID"),
        *("mcp.method.name", "gen_ai.operation.name", "gen_ai.tool.name"),
        *("http.request.method", "http.response.status_code", "url.template"),
        *("server.address", "server.port", "error.type"),
        *("booking.answer", "booking.lateness_ms", "booking.rank"),
    }
)
"""Ids, names of ours, codes and numbers. URLs, headers, bodies and texts are not among them."""

OF_EVENTS = frozenset({"exception.type"})

MCP_SCOPE = "mcp-python-sdk"
MCP_METHODS = frozenset(
    {
        *("initialize", "ping", "tools/list", "tools/call"),
        *("notifications/initialized", "notifications/cancelled", "server/discover"),
    }
)
UNLISTED = "other"


class ScrubbedSpans(SpanExporter):
    """Passes spans on to another exporter, with what is listed and nothing else."""

    def __init__(self, exporter: SpanExporter, tools: Collection[str]) -> None:
        """`tools` are the chat tools that there are."""
        self._exporter = exporter
        self._tools = tools

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Of SpanExporter."""
        return self._exporter.export([self._scrubbed(span) for span in spans])

    def shutdown(self) -> None:
        """Of SpanExporter."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Of SpanExporter."""
        return self._exporter.force_flush(timeout_millis)

    def _scrubbed(self, span: ReadableSpan) -> ReadableSpan:
        name, attributes = span.name, _listed(span.attributes, ATTRIBUTES)
        scope = span.instrumentation_scope
        if scope is not None and scope.name == MCP_SCOPE:
            name, attributes = self._of_ours(attributes)
        return ReadableSpan(
            name=name,
            context=span.context,
            parent=span.parent,
            resource=span.resource,
            attributes=attributes,
            events=[
                Event(event.name, _listed(event.attributes, OF_EVENTS), event.timestamp)
                for event in span.events
            ],
            links=[Link(link.context) for link in span.links],
            kind=span.kind,
            status=Status(span.status.status_code),
            start_time=span.start_time,
            end_time=span.end_time,
            instrumentation_scope=scope,
        )

    def _of_ours(self, told: dict[str, AttributeValue]) -> tuple[str, dict[str, AttributeValue]]:
        """Method and tool of a message as far as they exist: a caller may write anything there."""
        method, tool = told.get("mcp.method.name"), told.pop("gen_ai.tool.name", None)
        if method not in MCP_METHODS:
            return UNLISTED, {**told, "mcp.method.name": UNLISTED}
        if method != "tools/call":
            return str(method), told
        known = str(tool) if tool in self._tools else UNLISTED
        return f"{method} {known}", {**told, "gen_ai.tool.name": known}


def _listed(
    attributes: Mapping[str, AttributeValue] | None, names: Collection[str]
) -> dict[str, AttributeValue]:
    return {name: value for name, value in (attributes or {}).items() if name in names}
