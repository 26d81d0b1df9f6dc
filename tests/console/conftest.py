import pytest

from tests.console.clinic import Clinic, new_clinic
from tests.console.command_line import Office, new_office


@pytest.fixture
async def office() -> Office:
    return await new_office()


@pytest.fixture
async def clinic() -> Clinic:
    return await new_clinic()
