"""Thousands of generated bad inputs against the MCP server, and what became of it."""
