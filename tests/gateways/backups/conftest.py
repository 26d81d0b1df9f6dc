from pathlib import Path

import pytest

from tests.backups import Vault, vault


@pytest.fixture
def kept(tmp_path: Path) -> Vault:
    """A database of a few rows, and a folder for its backups."""
    return vault(tmp_path)
