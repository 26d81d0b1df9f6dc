import asyncio
from collections.abc import Generator
from contextlib import ExitStack, contextmanager

import pytest

from sandbox.environment import of_program
from tests.console.clinic import Diagnosis
from tests.stack.command_line import operators_environment, starter
from tests.stack.openings import Openings
from tests.stack.world import CLUB, PRICE_CENTS, PRODUCT, World

pytestmark = pytest.mark.xdist_group("stack")

OTHERS = "work."
"""How the lines begin that tell of other tests' registrations."""

SEEN = {
    "variables.worker",
    "temporal.pollers.bookings",
    "temporal.schedules.sweep-fees",
    "database.schema",
    "database.role",
    "work.receipts",
    "stripe.key",
    f"bookeo.programs.{CLUB.org_ref}",
    "mandates.keys",
    "fields.keys",
    "mail.server",
    "clock.database",
    "clock.provider",
    "clock.temporal",
}

VERSIONS = "supabase_migrations.schema_migrations"

IN_THE_DATABASE = {
    "grant select on children to service_role": ("revoke select on children from service_role"),
    "alter table children disable row level security": (
        "alter table children enable row level security"
    ),
    f"update {VERSIONS} set version = 'x' || version where name = 'alerts'": (  # noqa: S608 - our own
        f"update {VERSIONS} set version = substr(version, 2) where name = 'alerts'"  # noqa: S608 - our own
    ),
}
"""What somebody did to the database, and how it is undone."""

WRONG_VARIABLES = {
    "METRICS_PORT": "70000",
    "STRIPE_SECRET_KEY": "sk_test_nobodys",
    "BOOKEO_API_KEY": "nobodys",
    "MANDATE_SIGNING_KEYS": f"2026b:{'A' * 43}",
    "SMTP_URL": "smtp://127.0.0.1:1",
    "AUTH0_AUDIENCE": "https://elsewhere.example/mcp",
}

NAMED = [
    ("a malformed variable", "variables.worker", "fail", "METRICS_PORT is malformed"),
    ("another audience", "variables.addresses", "warn", "AUTH0_AUDIENCE is not"),
    ("a paused schedule", "temporal.schedules.sweep-fees", "warn", "is paused"),
    ("a table granted", "database.grants", "fail", "service_role may select children"),
    ("row level security off", "database.rls", "fail", "children"),
    ("a migration missing", "database.schema", "fail", "Migrations are missing: 20"),
    ("a wrong key of Stripe's", "stripe.key", "fail", "status 401"),
    ("a wrong key of Bookeo's", f"bookeo.account.{CLUB.org_ref}", "fail", "status 401"),
    ("a mandate key lost", "mandates.keys", "fail", "Not known here: sandbox"),
    ("no mail server", "mail.server", "fail", "SMTPConnectError"),
]


def everything(world: World) -> dict[str, str]:
    """The environment of every program in one, with the operator's key."""
    own = operators_environment(world)
    key = {"SUPABASE_SERVICE_ROLE_KEY": own["SUPABASE_SERVICE_ROLE_KEY"]}
    return {**own, **of_program("worker", world.env), **key}


def diagnosis(world: World, **changes: str) -> Diagnosis:
    done = starter(world, "doctor", "--json", env={**everything(world), **changes})
    assert not done.stderr
    return Diagnosis.read(done.returncode, done.stdout)


@pytest.fixture(scope="module")
def at_rest(world: World, openings: Openings) -> World:
    """Registrations that are completed, one of them with its fee unpaid."""

    async def settle() -> None:
        for one in (openings.twice, openings.twenty, openings.declined):
            await one.parent.until(one.draft, status="completed")

    asyncio.run(settle())
    return world


def test_a_healthy_stack_passes_every_check(at_rest: World, openings: Openings) -> None:
    found = diagnosis(at_rest)
    table = starter(at_rest, "doctor", env=everything(at_rest))

    wrong = {name: line for name, line in found.lines.items() if line.state != "pass"}
    assert not {name for name in wrong if not name.startswith(OTHERS)}, wrong
    assert not [line for line in wrong.values() if line.state == "fail"], wrong
    assert found.lines.keys() >= SEEN
    assert (found.exit_code, table.returncode) == (0, 0)
    assert "0 fail." in table.stdout
    personal = ("Kim", "Stack,", "2017-03-09", openings.twice.parent.email)
    assert not [word for word in personal if word in table.stdout]


@contextmanager
def ill(world: World) -> Generator[None]:
    """The database changed, and a schedule paused."""
    with ExitStack() as undone:
        for change, back in IN_THE_DATABASE.items():
            _execute(world, change)
            undone.callback(_execute, world, back)
        asyncio.run(_pause(world))
        undone.callback(starter, world, "schedules", "apply")
        undone.callback(asyncio.run, _unpause(world))
        yield


def _execute(world: World, statement: str) -> None:
    with world.superuser() as database:
        database.execute(statement.encode())


async def _pause(world: World) -> None:
    await (await world.temporal()).get_schedule_handle("sweep-fees").pause()


async def _unpause(world: World) -> None:
    await (await world.temporal()).get_schedule_handle("sweep-fees").unpause()


@pytest.fixture(scope="module")
def found(at_rest: World) -> Diagnosis:
    """What the doctor says when all of it is wrong at once."""
    with ill(at_rest):
        return diagnosis(at_rest, **WRONG_VARIABLES)


@pytest.mark.parametrize(
    ("name", "state", "words"), [case[1:] for case in NAMED], ids=[case[0] for case in NAMED]
)
def test_each_of_many_faults_at_once_is_named(
    found: Diagnosis, name: str, state: str, words: str
) -> None:
    line = found.lines[name]
    assert (line.state, words in line.sentence) == (state, True), line
    assert line.remedy
    assert (found.exit_code, found.state) == (1, "fail")


def test_the_publishable_key_is_told_from_a_wrong_one(at_rest: World) -> None:
    public = at_rest.env["SUPABASE_ANON_KEY"]

    lines = diagnosis(at_rest, SUPABASE_SERVICE_ROLE_KEY=public).lines

    assert lines["database.connection"].state == "fail"
    assert "holds the key of anon" in (lines["database.connection"].remedy or "")
    assert public not in str(lines)


def test_a_product_that_the_organiser_closes_to_members_only_is_named(at_rest: World) -> None:
    rates = {"Cchildren": PRICE_CENTS}
    at_rest.bookeo.put_product(PRODUCT, name="Stacking", rates=rates, members_only=True)
    try:
        line = diagnosis(at_rest).lines[f"bookeo.programs.{CLUB.org_ref}"]
    finally:
        at_rest.bookeo.put_product(PRODUCT, name="Stacking", rates=rates)

    assert (line.state, "members only" in line.sentence) == ("fail", True), line
