"""What every directory shares: one embedded world, and who runs beside whom."""

# xdist carries its types itself, without a marker that says so:
# pyright: reportMissingTypeStubs=false

import ssl
import sys
from collections.abc import Iterator
from functools import cache

import pytest
import structlog
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from sandbox import environment
from sandbox.deploy import migrate_only
from sandbox.up import Stack

# No test may reach what the caller's environment names: it could be the real thing.
environment.ignore_given()

# The same examples every time, and no file of failed ones: a suite that passed passes again.
settings.register_profile("suite", derandomize=True, deadline=None, database=None)
settings.load_profile("suite")

# What a program logs in a test goes past what the test looks at, and no traceback is painted.
structlog.configure(
    processors=[structlog.processors.KeyValueRenderer(key_order=["event"])],
    logger_factory=structlog.PrintLoggerFactory(sys.__stderr__),
)

APPLICATION = frozenset({"worker", "mcp"})

ON_THE_EMBEDDED_WORLD = ("chat_client", "issuer", "mail", "postgres", "seed", "stack")

COMPANIES = {
    "the whole stack": ("tests/stack/",),
    "the world that breaks": ("tests/chaos/test_sample",),
    "the schedules": ("tests/schedules/",),
    "the embedded world": (
        "tests/database/",
        "tests/gateways/test_",
        "tests/erasure/",
        *(f"tests/sandbox/test_{noun}" for noun in ON_THE_EMBEDDED_WORLD),
    ),
}
"""Files that share a world, so that one worker takes them all; any other file goes alone.

The first are the first to run: they take longest, and a worker that began them late would let
the other wait.
"""


def _company(file: str) -> str:
    return next((name for name, files in COMPANIES.items() if file.startswith(files)), file)


class Companies(LoadScopeScheduling):
    """Gives a worker whole companies. (Of xdist's own groups pytest 9.2 keeps nothing.)"""

    def _split_scope(self, nodeid: str) -> str:
        return _company(nodeid.partition("::")[0])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Companies:
    config.option.loadscopereorder = False
    return Companies(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order = list(COMPANIES)

    def place(item: pytest.Item) -> int:
        company = _company(item.nodeid.partition("::")[0])
        return order.index(company) if company in order else len(order)

    items.sort(key=place)


@pytest.fixture(scope="session")
def embedded_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The embedded world without our own programs, the database migrated.

    Every test brings its own users and rows, or a database of its own in this cluster.
    """
    with Stack(
        tmp_path_factory.mktemp("embedded"),
        without=APPLICATION,
        deploy=lambda env: migrate_only(env["DATABASE_URL"]),
    ) as stack:
        yield stack


@pytest.fixture(scope="session", autouse=True)
def one_reading_of_the_trust_store() -> Iterator[None]:
    """Each HTTP client reads the machine's certificates anew; all of these stay on loopback."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))
        yield


@pytest.fixture(scope="session", autouse=True)
def no_terminal() -> Iterator[None]:
    """The size of the terminal that pytest runs in is nobody's: xdist's workers inherit it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("COLUMNS", "LINES"):
            patch.delenv(name, raising=False)
        yield
