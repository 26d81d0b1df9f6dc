"""Instants, as somebody types them."""

from datetime import UTC, datetime

import typer


def instant(text: str) -> datetime:
    """The UTC instant of an ISO 8601 text with an offset.

    Raises:
        typer.BadParameter: it is none.
    """
    try:
        typed = datetime.fromisoformat(text)
    except ValueError:
        typed = None
    if typed is None or typed.tzinfo is None:
        raise typer.BadParameter("An instant is ISO 8601 with an offset: 2026-12-01T09:00:00Z.")
    return typed.astimezone(UTC)
