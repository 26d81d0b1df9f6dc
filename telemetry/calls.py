"""Requests of ours as spans: called by their path, and only where a trace is about something."""

import re
from collections.abc import Sequence

from opentelemetry.context import Context
from opentelemetry.instrumentation.httpx import RequestInfo
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult
from opentelemetry.trace import Link, Span, SpanKind, TraceState
from opentelemetry.util.types import Attributes

METHOD = "http.request.method"
TEMPLATE = "url.template"

_WORD = re.compile(r"[a-z_]+|v\d+")


class OnlyWithinATrace(Sampler):
    """Of what has no parent, takes all but plain requests: a lease renewed is no story."""

    def should_sample(
        self,
        parent_context: Context | None,  # noqa: ARG002 - the SDK's signature, as are the rest
        trace_id: int,  # noqa: ARG002
        name: str,  # noqa: ARG002
        kind: SpanKind | None = None,  # noqa: ARG002
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,  # noqa: ARG002
        trace_state: TraceState | None = None,  # noqa: ARG002
    ) -> SamplingResult:
        """Drop it where it is a request."""
        alone = METHOD in (attributes or {})
        decision = Decision.DROP if alone else Decision.RECORD_AND_SAMPLE
        return SamplingResult(decision, attributes)

    def get_description(self) -> str:
        """Of Sampler."""
        return type(self).__name__


async def named_by_path(span: Span, request: RequestInfo) -> None:
    """Call the span by method and path, without the ids in it. Never the query."""
    template = path_template(str(request.url))
    span.update_name(f"{request.method.decode()} {template}")
    span.set_attribute(TEMPLATE, template)


def path_template(url: str) -> str:
    """Its path, with `{}` for each part that is not plainly a word."""
    path = re.sub(r"^\w+://[^/?#]*", "", url).partition("?")[0].partition("#")[0]
    return "/".join(part if not part or _WORD.fullmatch(part) else "{}" for part in path.split("/"))
