"""A Bookeo simulator served for real, with one account, one product and one open event."""

from collections.abc import Generator

import httpx
import pytest

from sandbox.bookeo.control import BookeoControl
from sandbox.bookeo.vendor import bookeo_vendor
from sandbox.simulator.server import running
from tests.sandbox.bookeo.desk import ENVIRONMENT, KEYS, TOKEN, Desk


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Generator[str, None, None]:
    data = tmp_path_factory.mktemp("bookeo") / "bookeo.db"
    with running(bookeo_vendor(ENVIRONMENT), data=data, control_token=TOKEN) as url:
        yield url


@pytest.fixture
def desk(served: str) -> Generator[Desk, None, None]:
    with (
        BookeoControl(served, TOKEN) as control,
        httpx.Client(base_url=f"{served}/v2", headers=KEYS, timeout=5, trust_env=False) as client,
    ):
        control.reset()
        control.put_product("P1", rates={"Cchildren": 12_050, "Cadults": 20_000})
        desk = Desk(served, control, client)
        desk.event()
        yield desk
