"""Logs of every program."""

from logs.configuration import configure

__all__ = ["configure"]
