"""The operator's command line, reached as `python starter.py`."""

from console.app import main

__all__ = ["main"]
