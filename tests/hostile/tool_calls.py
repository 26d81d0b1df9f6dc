"""Bad calls of every tool."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.hostile.blows import Outcome, judged
from tests.hostile.drawing import JSON, NASTY, TEXTS
from tests.hostile.speech import envelope, sent, spoken
from tests.hostile.target import Target
from tests.mcp_server.arguments import MALFORMED, WELL_FORMED

KIND = "bad calls of tools"

OPTIONAL = {"text", "org_ref", "scheduled_time", "time_zone"}
"""Where null means that it was left out, in some tool."""


@dataclass(frozen=True)
class ToolCall:
    """A call with at least one thing wrong in it, which must be refused."""

    target: Target
    tool: str
    arguments: dict[str, Any]
    modern: bool
    beside: dict[str, Any] = field(default_factory=dict[str, Any])
    """What more the client says: that it shows forms, and answers to questions it was not asked."""

    async def land(self) -> Outcome:
        """The tool has to say no, in words."""
        params = {**self.beside, "name": self.tool, "arguments": self.arguments}
        body, headers = spoken(next(self.target.tokens), "tools/call", params, modern=self.modern)
        status, text, fault = await sent(self.target.http, body, headers)
        return judged(KIND, status, fault or self._taken(text))

    def _taken(self, text: str) -> str:
        refused = not text or '"isError":true' in text or '"error":{' in text
        return "" if refused else f"{self.tool} took {str(self.arguments)[:300]}: {text[:200]}"


QUESTION = "mcp_server.asking:Asking.agreement"
"""The name of the one question there is."""

_ANSWER: dict[str, st.SearchStrategy[Any]] = {
    "action": st.sampled_from(["accept", "decline", "cancel", ""]),
    "content": st.just({"agreed": True}) | JSON,
}
_SAID: dict[str, st.SearchStrategy[Any]] = {
    "_meta": st.just(envelope(elicitation={})),
    "requestState": TEXTS | JSON | st.sampled_from(["v1." + "A" * 80, "{}"]),
    "inputResponses": JSON
    | st.dictionaries(
        st.just(QUESTION) | TEXTS, st.fixed_dictionaries({}, optional=_ANSWER), max_size=2
    ),
}
BESIDE: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just(dict[str, Any]()),
    st.just(dict[str, Any]()),
    st.fixed_dictionaries({}, optional=_SAID),
)
"""Mostly nothing: the seal refuses most of these calls before a tool is reached."""


@st.composite
def tool_calls(draw: st.DrawFn, target: Target) -> ToolCall:
    """A call of any tool."""
    tool = draw(st.sampled_from(sorted(target.tools)))
    schema = target.tools[tool]
    arguments = {
        name: draw(_plausible(target, name, WELL_FORMED[tool][name]))
        for name in schema["properties"]
    }
    if draw(st.booleans()) and "registration_id" in arguments:
        # Wrong for being another's.
        return ToolCall(target, tool, arguments, draw(st.booleans()), draw(BESIDE))
    faults: list[Callable[[], object]] = [
        lambda: arguments.update({draw(st.text(min_size=1, max_size=20).filter(_unknown(tool))): 1})
    ]
    for name, each in schema["properties"].items():
        faults.append(lambda name=name, each=each: arguments.update({name: draw(_bad(name, each))}))
    faults += [partial(arguments.pop, name, None) for name in schema.get("required", [])]
    for fault in draw(st.lists(st.sampled_from(faults), min_size=1, max_size=3)):
        fault()
    return ToolCall(target, tool, arguments, draw(st.booleans()), draw(BESIDE))


def _plausible(target: Target, name: str, good: Any) -> st.SearchStrategy[Any]:
    """Mostly well formed: what is wrong elsewhere must not hide behind it."""
    if name == "registration_id":
        return st.sampled_from([*target.anothers, good]) | st.uuids().map(str)
    if name == "child_ids":
        return st.lists(st.uuids().map(str), min_size=1, max_size=10)
    return st.just(good) | (TEXTS if name in {"summary_digest", "text"} else st.just(good))


def _unknown(tool: str) -> Callable[[str], bool]:
    return lambda name: name not in WELL_FORMED[tool]


@cache
def _listed(name: str) -> st.SearchStrategy[Any]:
    return st.sampled_from([it for it in MALFORMED[name] if it is not None or name not in OPTIONAL])


def _bad(name: str, schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """What the published schema forbids, or what is known to be wrong beyond what it can say."""
    validator = Draft202012Validator(schema)

    def forbidden(value: Any) -> bool:
        # White space around words is dropped, and what is left may be right.
        meant = value.strip() if isinstance(value, str) else value
        return not validator.is_valid(meant)  # pyright: ignore[reportUnknownMemberType]  # half typed

    return (
        _listed(name)
        | st.sampled_from([it for it in NASTY if forbidden(it)])
        | JSON.filter(forbidden)
    )
