"""How a method becomes a tool: its name, its words, its schemas, and what it may do."""

import inspect
from collections.abc import Awaitable, Callable
from typing import Any, cast

from mcp.server.mcpserver.tools import Tool
from mcp_types import ToolAnnotations

from domain.frozen import Frozen
from mcp_server.errors import ErrorAnswer

READS = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)
"""Looks something up."""

LOOKS_OUTSIDE = READS.model_copy(update={"open_world_hint": True})
"""Looks something up at another service."""

ADDS = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False
)
"""Adds something; doing it again adds another."""

ADDS_OUTSIDE = ADDS.model_copy(update={"open_world_hint": True})
"""Adds something at another service."""

ADDS_ONCE = ADDS.model_copy(update={"idempotent_hint": True})
"""Adds something; doing it again adds nothing."""

CHANGES = ToolAnnotations(
    read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=False
)
"""Changes or ends something; doing it again changes nothing more."""

COMMITS = CHANGES.model_copy(update={"open_world_hint": True})
"""Leads to a booking or a charge elsewhere, once."""

CHARGES = COMMITS.model_copy(update={"idempotent_hint": False})
"""Charges the card; doing it again may charge again."""


def described(
    method: Callable[..., Awaitable[Frozen]], title: str, effect: ToolAnnotations
) -> Tool:
    """The method as a tool, under its own name and with its docstring as the description."""
    tool = Tool.from_function(
        method,
        title=title,
        description=inspect.getdoc(method),
        annotations=effect.model_copy(update={"title": title}),
        structured_output=True,
    )
    # Clients may check a failed call's content against this schema too, so it allows for both.
    metadata = tool.fn_metadata
    metadata.output_schema = _or_error(cast("dict[str, Any]", metadata.output_schema))
    return tool.model_copy(
        update={"parameters": {**tool.parameters, "additionalProperties": False}}
    )


def expected_arguments(tool: Tool) -> dict[str, str]:
    """What each argument of the tool must be, in words."""
    return {name: schema["description"] for name, schema in tool.parameters["properties"].items()}


def _or_error(schema: dict[str, Any]) -> dict[str, Any]:
    error = ErrorAnswer.model_json_schema()
    return {
        **{key: value for key, value in schema.items() if key != "required"},
        "properties": {**schema["properties"], **error["properties"]},
        "$defs": {**schema.get("$defs", {}), **error["$defs"]},
        "anyOf": [{"required": schema.get("required", [])}, {"required": ["error"]}],
    }
