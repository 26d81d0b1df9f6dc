"""The service's own backups, made by the real worker and put into another database."""

from collections.abc import Iterator

import pytest

from sandbox.environment import of_program
from tests.gateways.full_database import an_empty_database, digest, rows, tables
from tests.stack.command_line import operators_environment, printed, said, starter
from tests.stack.openings import Openings
from tests.stack.world import World

pytestmark = pytest.mark.xdist_group("stack")

BEATING = {
    *("leases", "looks", "backups", "service_state", "service_events"),
    *("scheduled_registrations", "notifications", "audit_events", "operations"),
}
"""Tables in which the stack's own programs and other tests write at any time."""


@pytest.fixture(scope="module")
def empty(world: World) -> Iterator[str]:
    """The address of a database to which only the migrations were applied."""
    with an_empty_database(world.stack) as url:
        yield url


def backing_up(world: World, **changes: str) -> dict[str, str]:
    """The operator's environment, with what the worker knows of backups."""
    own = of_program("worker", world.env)
    kept = {name: value for name, value in own.items() if name.startswith("BACKUP_")}
    return {**operators_environment(world), **kept, **changes}


def test_the_worker_makes_a_backup_that_is_restored_and_waits_to_be_reconciled(
    world: World, openings: Openings, empty: str
) -> None:
    del openings  # there is something to back up once they are there
    made = printed(starter(world, "backup", "now", "nightly", "--json"))
    env = backing_up(world, DATABASE_URL=empty)

    (run, *_) = printed(starter(world, "backup", "runs", "--json"))
    assert (run["state"], run["written"]["place"]) == ("verified", made["place"])
    listed = printed(starter(world, "backup", "list", "--json", env=env))
    assert {one["place"]: one["verified"] for one in listed}[made["place"]]
    assert printed(starter(world, "backup", "verify", "newest", "--json", env=env)) == made
    done = starter(world, "backup", "restore", made["place"], env=env)
    assert done.returncode == 0, said(done)
    assert f"Restored {made['rows']} rows" in done.stdout

    source = world.env["DATABASE_URL"]
    assert sum(digest(empty, table)[0] for table in tables(empty)) == made["rows"] + 1
    for table in set(tables(source)) - BEATING:
        assert digest(empty, table)[0] <= digest(source, table)[0], table
    ((because,),) = rows(empty, "select paused_because from service_state")
    assert "starter.py restored" in because
    again = starter(world, "backup", "restore", "newest", env=env)
    assert (again.returncode, "not empty" in again.stderr) == (1, True)
