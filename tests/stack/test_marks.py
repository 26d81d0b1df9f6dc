"""No person, and no key, stands where nobody has to know them."""

from base64 import b64encode
from collections.abc import Collection
from contextlib import nullcontext, suppress
from datetime import date
from unittest import mock
from urllib.parse import quote
from uuid import uuid4

import pytest
import structlog
from pydantic import SecretStr

from activities.failures import BareFailures
from domain.family import NewChild
from gateways.sealed_fields import SealedFields
from gateways.supabase_records import SupabaseRecords
from logs import configuration
from sandbox.processes import arguments, children
from tests.stack.marked_lives import MarkedLives
from tests.stack.marks import GUARDIAN, Marks, of_the_family
from tests.stack.world import World
from tests.stack.written import files, histories, values_of
from tests.workflows.failing import failed
from tests.written_log import written_log

pytestmark = pytest.mark.xdist_group("stack")

RECEIVERS = {
    "bookeo.db": "the organiser, who is told who comes",
    "mail.db": "the parent's mailbox, where letters name them and their children",
}
"""What holds the family in the stack's folder, by how its name begins, and why it may."""

KEYS = (
    *("SUPABASE_SERVICE_ROLE_KEY", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"),
    *("BOOKEO_SECRET_KEY", "BOOKEO_API_KEY", "BOOKEO_API_KEY__NORTHSIDE"),
)


@pytest.fixture(scope="module")
def family() -> Marks:
    return Marks(of_the_family())


def test_nobody_has_written_the_family_down_but_those_who_must_know_it(
    world: World, lives: MarkedLives, family: Marks
) -> None:
    found = _in_files(world, family)
    receivers = {name for name in RECEIVERS if any(file.startswith(name) for file in found)}
    assert receivers >= {"bookeo.db", "mail.db"}
    assert [file for file in found if not file.startswith(tuple(RECEIVERS))] == []
    assert family.within((lives.command.stdout + lives.command.stderr).encode()) == set()


async def test_no_history_names_the_family(world: World, lives: MarkedLives, family: Marks) -> None:
    written = await histories(world)
    ours = [
        texts for run, texts in written.items() if any(str(one.id) in run for one in lives.drafts)
    ]
    assert len(ours) == len(lives.drafts)
    assert any(b"MailUndelivered" in text for texts in ours for text in texts)
    assert {run for run, texts in written.items() if family.within_any(texts)} == set()


@pytest.mark.usefixtures("lives")
def test_no_table_names_the_family(world: World, family: Marks) -> None:
    naming: set[str] = set()
    for table in world.tables():
        rows = world.rows(f"select t::text from public.{table} as t")  # noqa: S608 - our own tables
        if family.within_any(row.encode() for (row,) in rows):
            naming.add(table)
    assert naming == set()


@pytest.mark.parametrize("sealing", [True, False])
async def test_a_name_is_found_in_the_database_s_files_once_it_is_not_sealed(
    world: World, *, sealing: bool
) -> None:
    name = f"Zörn {uuid4().hex}"
    fields = SealedFields(SecretStr(world.env["FIELD_KEYS"]) if sealing else None)
    records = await SupabaseRecords.connect(
        world.env["SUPABASE_URL"], world.env["SUPABASE_SERVICE_ROLE_KEY"], fields=fields
    )
    try:
        user_id = await records.user_for("https://issuer.example/", uuid4().hex)
        born = date(2018, 5, 1)
        child = NewChild(first_name=name, last_name="Stack", birth_date=born)
        added = await records.add_child(user_id, child, [])
        assert (await records.children(user_id)) == [added]
    finally:
        await records.aclose()

    assert bool(_in_files(world, Marks({"name": name}), ("postgres/",))) is not sealing
    with world.superuser() as database:
        database.execute("delete from children where user_id = %s", (user_id,))


async def test_no_key_and_no_card_is_in_a_log_a_history_or_an_argument(
    world: World, lives: MarkedLives
) -> None:
    marks = {name: world.env[name] for name in KEYS}
    marks["field key"] = world.env["FIELD_KEYS"].rpartition(":")[2]
    signing = world.env["MANDATE_SIGNING_KEYS"].split(",")
    marks |= {f"mandate key {number}": key.rpartition(":")[2] for number, key in enumerate(signing)}
    drafts = [one.id for one in lives.drafts]
    cards = world.rows(
        "select p.stripe_customer_id, p.setup_session_id, p.payment_method_id, m.token"
        " from scheduled_registrations r join user_profiles p using (user_id)"
        " join mandates m on m.registration_id = r.id where r.id = any(%s)",
        drafts,
    )
    names = ("customer", "card page", "card", "mandate's token")
    marks |= {f"{name} {row[n]}": row[n] for row in cards for n, name in enumerate(names) if row[n]}
    assert len(marks) > len(KEYS) + len(drafts)
    secrets = Marks(marks)

    assert _in_files(world, secrets, ("logs/",)) == {}
    written = await histories(world)
    assert {run for run, texts in written.items() if secrets.within_any(texts)} == set()
    for program in ("worker", "mcp"):
        pid = world.stack.pid(program)
        processes = [pid, *children(pid)]
        assert not secrets.within_any(
            word.encode() for process in processes for word in arguments(process)
        )


@pytest.mark.parametrize("bare", [True, False])
async def test_a_person_in_a_failures_causes_is_found_once_they_are_let_through(
    world: World, *, bare: bool
) -> None:
    name = f"Zörn {uuid4().hex}"
    canary = Marks({"name": name})
    interceptors = [BareFailures()] if bare else []
    run = await failed(await world.temporal(), name, f"failing-{uuid4()}", *interceptors)

    written = await histories(world)
    (told,) = (texts for found, texts in written.items() if found.startswith(run.id))
    assert bool(canary.within_any(told)) is not bare
    assert bool(_in_files(world, canary, ("temporal/",))) is not bare


@pytest.mark.parametrize("redacting", [True, False])
def test_a_person_in_a_log_is_found_once_redaction_is_broken(
    family: Marks, *, redacting: bool
) -> None:
    unredacted = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    broken = mock.patch.object(configuration, "redacted", unredacted)
    with nullcontext() if redacting else broken, written_log() as log:
        structlog.get_logger().info("met", **GUARDIAN)
    assert log.getvalue()
    found = family.within(log.getvalue().encode())
    assert found == (set() if redacting else {f"guardian's {fact}" for fact in GUARDIAN})


@pytest.mark.parametrize("before", [b"", b"1", b"12"])
def test_a_name_is_found_however_it_is_spelt(before: bytes) -> None:
    canary = Marks({"name": "Zoë O'Brien"})
    raw = "Zoë O'Brien".encode()
    spelt = [
        raw,
        raw.lower(),
        b'"Zo\\u00eb O\'Brien"',
        quote(raw).encode(),
        b64encode(before + raw),
    ]
    assert all(canary.within(before + text + b"!") for text in spelt)
    assert not canary.within(b"Zoe O'Brien, " + b64encode(b"Zoe O'Brien"))


def _in_files(
    world: World, marks: Marks, beginnings: Collection[str] = ("",)
) -> dict[str, set[str]]:
    """What of the marks stands in which file, or in a value of its tables.

    The `beginnings` are those of the names of files to look into.
    """
    found: dict[str, set[str]] = {}
    for file in files(world.stack.data):
        name = str(file.relative_to(world.stack.data))
        if not name.startswith(tuple(beginnings)):
            continue
        with suppress(FileNotFoundError):  # the database renames its files as it goes
            found[name] = marks.within(file.read_bytes())
        if file.suffix == ".db":
            found[name] |= marks.within_any(values_of(file))
    return {name: what for name, what in found.items() if what}
