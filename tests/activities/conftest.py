from collections.abc import AsyncGenerator

import pytest

from tests.activities.booth import Booth
from tests.activities.booth import booth as opened


@pytest.fixture
async def booth() -> AsyncGenerator[Booth]:
    async with opened() as one:
        yield one
