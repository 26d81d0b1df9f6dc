"""MCP's tasks extension: a confirmed registration, as a task whose outcome a client waits for.

What a client sees: docs/mcp-tasks.md. Why so: docs/decisions/0015-mcp-tasks.md.
"""
