import json
from collections.abc import Iterator

import pytest

from sandbox.programs import NAMES
from sandbox.up import Stack
from tests.console.program import starter
from workflows.search_attributes import SEARCH_ATTRIBUTES

NEEDED = {"postgres", "temporal"}
SETTINGS = ("DATABASE_URL", "TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE")


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The settings of a real database and a real Temporal to which nothing was deployed."""
    with Stack(
        tmp_path_factory.mktemp("deploy"), without=set(NAMES) - NEEDED, deploy=lambda _: None
    ) as stack:
        yield {name: stack.env[name] for name in SETTINGS}


def test_deploy_needs_two_services_says_what_it_did_and_leaves_the_rest_alone_when_repeated(
    bare: dict[str, str],
) -> None:
    first = starter("deploy", "--json", env=bare)
    again = starter("deploy", env=bare)

    assert (first.returncode, first.stderr) == (0, "")
    did = json.loads(first.stdout)
    assert did["migrations_applied"][0].endswith("_foundations.sql")
    assert did["search_attributes_added"] == [key.name for key in SEARCH_ATTRIBUTES]
    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout.splitlines() == [
        "Migrations applied: none, all were there.",
        "Search attributes added: none, all were there.",
    ]


def test_deploy_says_that_the_schema_was_applied_although_temporal_refused(
    bare: dict[str, str],
) -> None:
    done = starter("deploy", env=bare | {"TEMPORAL_NAMESPACE": "nobodys"})

    assert done.returncode == 1
    assert done.stdout.startswith("Migrations applied: ")
    assert "namespace nobodys" in done.stderr
