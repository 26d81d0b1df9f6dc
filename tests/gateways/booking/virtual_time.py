"""Time that passes only while somebody sleeps."""

import asyncio
from datetime import UTC, datetime

START = 1_900_000_000.25


class VirtualTime:
    def __init__(self) -> None:
        self.passed = 0.0

    def monotonic(self) -> float:
        return 1_000.0 + self.passed

    def now(self) -> datetime:
        return datetime.fromtimestamp(START + self.passed, UTC)

    async def sleep(self, seconds: float) -> None:
        self.passed += seconds
        await asyncio.sleep(0)
