import pytest

from tests.console.command_line import Office, new_office


@pytest.fixture
async def office() -> Office:
    return await new_office()
