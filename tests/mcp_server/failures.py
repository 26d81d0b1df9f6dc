"""How every failed call must be told."""

from typing import Any

from mcp_types import CallToolResult, TextContent


def codes(result: CallToolResult) -> list[str]:
    """The codes of a failed call, after checking that it is told as every failure must be."""
    assert result.is_error
    (content,) = result.content
    assert isinstance(content, TextContent)
    reasons: list[dict[str, Any]] = result.structured_content["error"]["reasons"]  # pyright: ignore[reportOptionalSubscript]  # checked by what follows
    for reason in reasons:
        assert f"{reason['sentence']} ({reason['code']})" in content.text
        assert reason["sentence"].endswith((".", ")"))
    assert len(content.text) < 1_000
    for inside in ("Traceback", "pydantic", "Input should", "validation error", "xyzzy"):
        assert inside not in content.text
    return [reason["code"] for reason in reasons]
