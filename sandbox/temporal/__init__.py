"""Temporal's own development server, with its Web UI."""
