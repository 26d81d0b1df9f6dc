"""A Bookeo simulator served for real, with one account, one product and one open event."""

from collections.abc import Generator
from pathlib import Path

import httpx
import pytest

from sandbox.bookeo.control import BookeoControl
from sandbox.bookeo.vendor import bookeo_vendor
from sandbox.simulator.server import running
from tests.sandbox.bookeo.desk import ENVIRONMENT, KEYS, TOKEN, Desk


@pytest.fixture
def desk(tmp_path: Path) -> Generator[Desk, None, None]:
    data = tmp_path / "bookeo.db"
    with (
        running(bookeo_vendor(ENVIRONMENT), data=data, control_token=TOKEN) as url,
        BookeoControl(url, TOKEN) as control,
        httpx.Client(base_url=f"{url}/v2", headers=KEYS, timeout=5, trust_env=False) as client,
    ):
        control.put_product("P1", rates={"Cchildren": 12_050, "Cadults": 20_000})
        desk = Desk(url, control, client)
        desk.event()
        yield desk
