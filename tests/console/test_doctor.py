import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.client import Client

from console.deploy import released_migrations
from domain.errors import Unauthorised
from domain.health import Privileges
from gateways.migration_files import Migration
from gateways.payload_codec import data_converter
from sandbox.programs import NAMES
from sandbox.up import Stack
from tests.console.clinic import SECRETS, Clinic, new_clinic
from tests.console.wrong_here import HERE, PAST, Case, field_key_unknown, variable_malformed
from tests.console.wrong_outside import OUTSIDE, mail_refused, mandate_key_lost, product_gone
from tests.gateways.households import GUARDIAN
from tests.house.test_compose import NEEDS
from tests.mandates import seed

TEMPORAL = {
    "temporal.connection",
    "temporal.permissions",
    "temporal.search_attributes",
    "temporal.pollers",
    "temporal.schedules",
    "clock.temporal",
}
"""What the fakes have nothing for."""

MISCONFIGURED = [*HERE, *OUTSIDE]


@pytest.mark.parametrize("case", MISCONFIGURED, ids=lambda case: case.title)
async def test_each_misconfiguration_is_named_by_its_line(clinic: Clinic, case: Case) -> None:
    await case.seed(clinic)

    diagnosis = await clinic.diagnosis()

    line = diagnosis.lines[case.line.format(org=clinic.family.program.org_ref)]
    assert (line.state, case.words in line.sentence) == (case.state, True), line
    assert line.remedy


async def test_what_waits_for_the_release_to_be_finished_is_no_fault(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = Migration(version="29990101000000", name="gone_post", sql=b"")
    released = released_migrations() | {waits.version: waits}
    monkeypatch.setattr("console.doctor.database.released_migrations", lambda: released)

    line = (await clinic.diagnosis()).lines["database.schema"]

    assert (line.state, line.sentence) == (
        "warn",
        "The release is not finished: 29990101000000 waits.",
    )
    assert "deploy --finish" in (line.remedy or "")


async def test_before_anything_is_wrong_no_line_but_those_of_temporal_complains(
    clinic: Clinic,
) -> None:
    diagnosis = await clinic.diagnosis()

    assert diagnosis.complaints() == TEMPORAL
    named = {case.line.format(org=clinic.family.program.org_ref) for case in MISCONFIGURED}
    assert named <= diagnosis.lines.keys() - TEMPORAL


async def test_what_could_not_be_looked_at_says_because_of_what(clinic: Clinic) -> None:
    clinic.database_answers = False

    lines = (await clinic.diagnosis()).lines

    for because, names in {
        "temporal.connection": ("temporal.permissions", "temporal.pollers", "clock.temporal"),
        "database.connection": (
            *("database.role", "database.grants", "database.schema", "work", "work.alerts"),
            *("mandates.keys", "fields.keys", "clock.database"),
        ),
    }.items():
        assert {lines[name].state for name in names} == {"warn"}
        said = {lines[name].sentence for name in names}
        assert said == {f"Not checked, because {because} failed."}
    # The default account's key is tried without the database; this world has no such account.
    assert "'default'" in lines["bookeo.account.default"].sentence


@pytest.mark.parametrize("program", NEEDS)
async def test_every_variable_that_a_program_needs_is_named_where_it_is_missing(
    clinic: Clinic, program: str
) -> None:
    clinic.env.clear()

    lines = (await clinic.diagnosis("--program", program)).lines

    needed = {
        name.upper()
        for part in NEEDS[program]
        for name, field in part.model_fields.items()
        if field.is_required()
    }
    missing = set(re.findall(r"(\w+) is missing: ", lines[f"variables.{program}"].sentence))
    assert missing - {"AUTH0_DOMAIN"} == needed | {"TEMPORAL_ADDRESS"}
    assert {line.state for name, line in lines.items() if name.startswith("var")} <= {
        "fail",
        "warn",
    }


async def test_what_needs_a_missing_variable_refers_to_it(clinic: Clinic) -> None:
    for name in ("STRIPE_SECRET_KEY", "BOOKEO_API_KEY"):
        del clinic.env[name]

    line = (await clinic.diagnosis()).lines["stripe.mode"]

    assert line.state == "warn"
    assert line.sentence == (
        "Not checked, because a variable that it needs is missing or malformed."
    )


async def test_only_the_named_programs_needs_count(clinic: Clinic) -> None:
    for name in ("SMTP_URL", "DATABASE_URL"):
        del clinic.env[name]
    clinic.env["MANDATE_SIGNING_KEYS"] = clinic.mandates.public_keys()

    web = await clinic.diagnosis("--program", "mcp")
    deploy = await clinic.diagnosis("--program", "deploy")

    assert web.complaints() == TEMPORAL
    assert "mail.server" not in web.lines
    assert "DATABASE_URL is missing" in deploy.lines["variables.deploy"].sentence
    assert not any(name.startswith(("stripe", "work", "mail")) for name in deploy.lines)


async def test_a_key_of_one_program_is_told_and_what_it_may_not_ask_is_not_checked(
    clinic: Clinic,
) -> None:
    clinic.records.role = "signupassist_worker"
    clinic.records.privileges = Privileges(withheld=("open_alerts", "find_programs", "user_for"))

    worker = (await clinic.diagnosis("--program", "worker")).lines
    web = (await clinic.diagnosis("--program", "mcp")).lines

    assert (worker["database.role"].state, worker["database.grants"].state) == ("pass", "pass")
    assert "a key for one program" in worker["database.role"].sentence
    assert "signupassist_worker may not ask" in worker["work.alerts"].sentence
    assert worker["work.receipts"].state == worker["work.bookings"].state == "pass"
    assert "bookeo.account.default" in worker
    assert (web["database.role"].state, "another" in web["database.role"].sentence) == (
        "fail",
        True,
    )


async def test_an_account_with_an_opening_at_hand_is_left_in_peace(clinic: Clinic) -> None:
    await clinic.family.pending(scheduled_time=datetime.now(UTC) + timedelta(minutes=1))
    clinic.provider.script.fail_next("access", Unauthorised("nobody was to ask"))

    lines = (await clinic.diagnosis()).lines

    for subject in ("account", "programs"):
        line = lines[f"bookeo.{subject}.{clinic.family.program.org_ref}"]
        assert (line.state, "belongs to an opening" in line.sentence) == ("warn", True)
    clock = lines["clock.provider"]
    assert (clock.state, "belongs to an opening" in clock.sentence) == ("warn", True)
    assert clock.remedy == line.remedy
    assert "Nothing is wrong" in str(line.remedy)
    assert clinic.provider.script.pending("access") == 1


async def test_a_part_that_hangs_is_a_line_and_holds_up_nothing_else(clinic: Clinic) -> None:
    async with AsyncExitStack() as stack:
        for script, method in (
            (clinic.payments.script, "access"),
            (clinic.mail.script, "check"),
            (clinic.provider.script, "access"),
        ):
            stack.callback(script.hold_next(method).set)
        async with asyncio.timeout(30):
            lines = (await clinic.diagnosis("--within", 1)).lines

    for name in ("stripe.key", "mail.server", f"bookeo.account.{clinic.family.program.org_ref}"):
        assert (lines[name].state, lines[name].sentence) == (
            "fail",
            "There was no answer in time.",
        )
    assert lines["database.schema"].state == "pass"


async def test_a_part_that_throws_is_a_line_that_quotes_nothing(clinic: Clinic) -> None:
    clinic.mail.script.fail_next("check", KeyError("marked-password"))

    line = (await clinic.diagnosis()).lines["mail.server"]

    assert line.state == "fail"
    assert "KeyError in " in line.sentence


async def test_neither_secrets_nor_people_are_printed_whatever_is_wrong(clinic: Clinic) -> None:
    await clinic.family.pending(**PAST, summary="Register Ada and Bo O'Brien.")
    said = ""
    wrong = (variable_malformed, mail_refused, product_gone, mandate_key_lost, field_key_unknown)
    for case in wrong:
        await case(clinic)
        for form in ([], ["--json"]):
            said += (await clinic.run(*form)).output

    words = {GUARDIAN.first_name, GUARDIAN.email, "Ada", "O'Brien", "marked", "sealed:"}
    words |= {seed(number) for number in (7, 8, 21, 22)}
    assert [word for word in (*words, *SECRETS.values()) if word in said] == []


async def test_people_get_a_table_and_programs_the_same_as_json(clinic: Clinic) -> None:
    table = await clinic.run()
    told = json.loads((await clinic.run("--json")).stdout)

    assert (table.exit_code, table.stderr) == (1, "")
    assert set(told) == {"state", "findings"}
    assert told["state"] == "fail"
    for finding in told["findings"]:
        assert set(finding) == {"name", "state", "sentence", "remedy"}
        assert finding["state"] in {"pass", "warn", "fail"}
        assert (finding["remedy"] is None) == (finding["state"] == "pass")
        assert finding["name"] in table.stdout
    failed = sum(finding["state"] == "fail" for finding in told["findings"])
    assert f"{failed} fail." in table.stdout


async def test_wrong_usage_is_exit_code_two(clinic: Clinic) -> None:
    for wrong in (["--program", "sandbox"], ["--within", "0"], ["everything"]):
        assert (await clinic.run(*wrong)).exit_code == 2


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real Temporal to which nothing was deployed, and which nobody serves."""
    with Stack(tmp_path_factory.mktemp("doctor"), without=set(NAMES) - {"temporal"}) as stack:
        yield stack.env["TEMPORAL_ADDRESS"]


async def test_a_temporal_to_which_nothing_was_deployed_is_told_line_by_line(
    untouched: str,
) -> None:
    clinic = await new_clinic(lambda: Client.connect(untouched, data_converter=data_converter()))

    lines = (await clinic.diagnosis()).lines

    for name, state, words in (
        ("temporal.connection", "pass", "namespace is default"),
        ("temporal.permissions", "pass", "may change"),
        ("temporal.retention", "warn", "1 days only"),
        ("temporal.search_attributes", "fail", "SignupStatus"),
        ("temporal.pollers.registrations", "fail", "for workflows and activities"),
        ("temporal.pollers.bookings", "fail", "for activities"),
        ("temporal.pollers.maintenance", "fail", "for workflows and activities"),
        ("temporal.schedules.sweep-bookings", "fail", "is missing"),
        ("temporal.schedules.sweep-registrations", "fail", "is missing"),
        ("temporal.schedules.sweep-fees", "fail", "is missing"),
        ("clock.temporal", "warn", "has neither"),
    ):
        assert (lines[name].state, words in lines[name].sentence) == (state, True), lines[name]


async def test_a_namespace_that_is_not_there_is_named_and_nothing_in_it_looked_for(
    untouched: str,
) -> None:
    clinic = await new_clinic(lambda: Client.connect(untouched, namespace="nobodys"))

    lines = (await clinic.diagnosis()).lines

    assert lines["temporal.connection"].state == "fail"
    assert "no namespace nobodys" in lines["temporal.connection"].sentence
    assert lines["temporal.pollers"].sentence.endswith("because temporal.connection failed.")
