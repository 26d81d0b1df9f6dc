"""Whether what opens soon will be booked, and what to do where not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.errors import Unauthorised
from domain.openings import Openings
from domain.refusals import Reason
from domain.registrations import Agreement
from gateways.fakes.booking import FakeBookingProvider
from tests.console.cases import flat
from tests.console.clinic import SECRETS, Clinic
from tests.console.unready import CASES, Case, of_the_row, one_seat_left, told, with_profile
from tests.gateways.households import GUARDIAN, key
from tests.whole_words import whole_words

PERSONAL = (GUARDIAN.first_name, GUARDIAN.last_name, GUARDIAN.email, "Ada", "Bo O")
OF_TEMPORAL = {"temporal.connection", "temporal.pollers", "clock.temporal"}
"""What the fakes have nothing for."""


async def only(clinic: Clinic) -> dict[str, Any]:
    """What is said of the one registration."""
    ((account,),) = [one["accounts"] for one in (await told(clinic))["instants"]]
    (found,) = account["registrations"]
    return found


async def test_where_nothing_opens_nothing_more_is_asked(clinic: Clinic) -> None:
    await clinic.family.pending(scheduled_time=datetime.now(UTC) + timedelta(days=3))
    await clinic.family.draft()
    clinic.provider.script.fail_next("access", Unauthorised("nobody was to ask"))

    result = await clinic.command("tomorrow")
    further = await clinic.command("tomorrow", "--hours", 80)

    assert (result.exit_code, result.stderr) == (0, "")
    assert "1 draft of that time still to be confirmed: nothing is booked." in result.stdout
    assert result.stdout.endswith("Nothing opens in the next 24 hours.\n")
    assert clinic.provider.script.pending("access") == 0  # by the look that goes further
    assert "1 registration at 1 account" in further.stdout


async def test_a_registration_that_lacks_nothing_is_ready_in_every_matter(clinic: Clinic) -> None:
    row = await clinic.family.pending()

    found = await told(clinic)

    (instant,) = found["instants"]
    (account,) = instant["accounts"]
    (one,) = account["registrations"]
    assert (one["code"], one["ready"], one["faults"]) == (row.code, True, [])
    assert set(one["readiness"]) == {
        *("mandate", "profile", "card", "price", "product", "account", "run", "lane")
    }
    untold = {matter for matter, state in one["readiness"].items() if state != "ready"}
    assert (untold, set(one["untold"])) == ({"run"}, {"run"})
    assert account["last_send_at"] == instant["scheduled_time"]
    complaints = {line["name"] for line in found["service"] if line["state"] != "pass"}
    assert complaints == OF_TEMPORAL
    assert found["ready"] is False


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
async def test_what_is_not_ready_is_named_with_what_to_do(clinic: Clinic, case: Case) -> None:
    row = await case.seed(clinic)

    shown = await clinic.command("tomorrow")
    found = await only(clinic)

    (fault,) = [one for one in found["faults"] if one["code"] == case.code]
    assert [one["code"] for one in found["faults"]] == [case.code]
    assert found["readiness"][case.matter] == fault["state"]
    assert found["ready"] is (case.code == "few_seats")
    assert fault["remedy"]
    words = flat(shown.stdout)
    assert row.code in words
    assert f"{fault['sentence']} ({case.code})" in words
    for command in fault["commands"]:
        assert command in words
    if case.command is not None:
        assert case.command.format(code=row.code) in fault["commands"]
    assert shown.exit_code == 1


async def test_seats_that_are_few_block_nothing(clinic: Clinic) -> None:
    await one_seat_left(clinic)

    found = await only(clinic)

    assert found["readiness"]["product"] == "warn"
    assert found["ready"] is True


async def test_an_organiser_within_three_minutes_of_an_opening_is_not_asked(
    clinic: Clinic,
) -> None:
    clinic.offer(api_bookings_allowed=False)
    row = await clinic.family.pending(scheduled_time=datetime.now(UTC) + timedelta(minutes=2))
    for method in ("access", "product", "slot"):
        clinic.provider.script.fail_next(method, Unauthorised("nobody was to ask"))

    unasked = await only(clinic)
    await clinic.records.note_problems(
        row.id, (Reason(code="provider_blocked", sentence="…"),), key("look")
    )
    noted = await only(clinic)

    assert unasked["untold"]["product"] == "its pace belongs to an opening now"
    assert unasked["readiness"]["account"] == "untold"
    assert unasked["faults"] == []
    assert [one["code"] for one in noted["faults"]] == ["provider_blocked"]
    assert all(clinic.provider.script.pending(m) == 1 for m in ("access", "product", "slot"))


async def test_keys_that_an_account_refuses_are_told_for_all_of_it(clinic: Clinic) -> None:
    await clinic.family.pending()
    clinic.provider.script.fail_next("access", Unauthorised("status 401"))

    found = await told(clinic)

    name = f"bookeo.account.{clinic.family.program.org_ref}"
    (line,) = [one for one in found["service"] if one["name"] == name]
    assert (line["state"], "BOOKEO_API_KEY__POOL" in line["remedy"]) == ("fail", True)
    (one,) = found["instants"][0]["accounts"][0]["registrations"]
    assert one["untold"] == {**one["untold"], "product": "the account did not let us in"}
    assert [(each["matter"], each["code"]) for each in one["faults"]] == [
        ("account", "unauthorised")
    ]


async def test_people_who_cannot_be_read_here_are_said_and_the_rest_is_judged(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = await with_profile(card=None)(clinic)
    whole = await clinic.records.openings(timedelta(days=1), 10)
    bare = Agreement.model_validate(
        {name: getattr(whole.openings[0].agreement, name) for name in Agreement.model_fields}
    )
    unread = whole.openings[0].model_copy(update={"agreement": bare, "unread": "no key named old"})

    async def openings(_within: timedelta, _limit: int) -> Openings:
        return whole.model_copy(update={"openings": (unread,)})

    monkeypatch.setattr(clinic.records, "openings", openings)

    shown = flat((await clinic.command("tomorrow")).stdout)

    assert f"Not looked at: profile of {row.code}, because people cannot be read here: " in shown
    assert "(no_card)" in shown


async def test_nothing_is_changed_and_nobody_is_written_to(clinic: Clinic) -> None:
    await clinic.family.pending()
    await withdrawn_family(clinic)
    kept = clinic.records
    before = (dict(kept.rows), dict(kept.outbox), list(kept.alerts), dict(kept.profiles))
    trails = {row_id: list(trail) for row_id, trail in kept.trails.items()}

    await clinic.command("tomorrow")

    assert (kept.rows, kept.outbox, kept.alerts, kept.profiles) == before
    assert dict(kept.trails) == trails
    assert clinic.mail.letters == []


async def withdrawn_family(clinic: Clinic) -> None:
    """One whose permission is forged, which a look ahead would raise an alert about."""
    (row,) = await clinic.family.queue(1)
    of_the_row(token=None)(clinic, row)


async def test_no_person_and_no_key_is_printed_and_eighty_columns_are_enough(
    clinic: Clinic,
) -> None:
    await withdrawn_family(clinic)
    await with_profile(card=None, guardian=None)(clinic)
    clinic.provider = FakeBookingProvider()
    clinic.env.update(COLUMNS="80", NO_COLOR="1")

    shown = await clinic.command("tomorrow")
    as_json = await clinic.command("tomorrow", "--json")

    said = shown.output + as_json.output
    assert [word for word in (*PERSONAL, *SECRETS.values()) if word in said] == []
    assert whole_words(["4242"], said) == []  # an instant may hold these digits by chance
    assert "\x1b" not in said
    tables = [line for line in shown.stdout.splitlines() if line.startswith((" ", "SCH-"))]
    assert max(map(len, tables)) <= 80


async def test_a_database_that_is_down_is_a_sentence(clinic: Clinic) -> None:
    clinic.database_answers = False

    result = await clinic.command("tomorrow")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "The database does not answer" in result.stderr


@pytest.mark.parametrize("hours", ["0", "169", "soon"])
async def test_a_time_that_is_out_of_bounds_is_wrong_usage(clinic: Clinic, hours: str) -> None:
    assert (await clinic.command("tomorrow", "--hours", hours)).exit_code == 2
