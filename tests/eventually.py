"""Waiting in a test for what happens elsewhere."""

import asyncio
from collections.abc import Callable


async def eventually(holds: Callable[[], bool]) -> None:
    """Wait, bounded, until it is so."""
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110 - what is awaited happens in another task or program
            await asyncio.sleep(0.01)
