import pytest

from sandbox.up import Stack


@pytest.fixture(scope="session")
def stack(embedded_stack: Stack) -> Stack:
    """The embedded world without our own programs, the database migrated."""
    return embedded_stack
