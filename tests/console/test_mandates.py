import json
from datetime import timedelta
from typing import Any

import pytest
from typer.testing import Result

from domain.mandates import Use
from domain.registrations import Registration
from domain.states import AuditKind
from tests.console.cases import flat
from tests.console.command_line import Office, unknown_code
from tests.gateways.households import MANDATE_LASTS, declined, key, new_household, paid
from tests.mandate_faults import FAULTS, alter, claims
from tests.mandates import MANDATES, seed

GENUINE = ("expired", "withdrawn", "used, or not yet")
"""Faults that leave signature and claims as they were."""


async def unsigned(office: Office) -> Registration:
    """Pending, as a release confirmed it that signed no mandates."""
    row = await office.family.draft()
    until = row.scheduled_time + MANDATE_LASTS
    await office.records.confirm(row.id, row.version, until, key("confirm"))
    return await office.row(row)


async def proof(office: Office, row: Registration) -> tuple[int, dict[str, Any]]:
    result = await office.starter.run("mandate", "verify", row.code, "--json")
    return result.exit_code, json.loads(result.stdout)


async def sign_old(office: Office, *more: str) -> Result:
    return await office.starter.run("mandate", "sign-old", "--by", "kim", *more)


async def test_verify_proves_that_booking_and_fee_were_covered(office: Office) -> None:
    row = await office.family.completed(paid())
    assert row.receipt_code is not None

    shown = await office.starter.run("mandate", "verify", row.receipt_code)
    code, found = await proof(office, row)

    assert (shown.exit_code, code) == (0, 0)
    assert "It was covered by what the parent permitted." in shown.stdout
    assert "Signed by key" in shown.stdout
    assert (found["holds"], found["key_id"], found["problem"]) == (True, "test", None)
    assert all(check["holds"] for check in found["claims"])
    assert [deed["what"] for deed in found["deeds"]] == ["booked", "charge 1 (succeeded)"]
    assert all(deed["covered"] for deed in found["deeds"])


async def test_of_a_withdrawn_one_it_is_said_that_nothing_will_be_booked(office: Office) -> None:
    row = await office.family.pending()
    await office.records.revoke_mandate(row.id, key("revoke"))

    shown = await office.starter.run("mandate", "verify", row.code)
    code, found = await proof(office, row)

    assert (shown.exit_code, code, found["holds"]) == (0, 0, True)
    assert "It has been withdrawn. Nothing was booked under it, and nothing will be." in flat(
        shown.stdout
    )
    assert found["withdrawn_at"] is not None


async def test_no_token_is_ever_printed(office: Office) -> None:
    row = await office.family.completed(paid())
    token = office.records.mandates[row.id].token
    assert token is not None

    results = [
        await office.starter.run("mandate", "verify", row.code),
        await office.starter.run("mandate", "verify", row.code, "--json"),
        await office.starter.run("status", row.code, "--json"),
        await office.starter.run("audit", "show", row.code, "--json"),
    ]

    parts = token.get_secret_value().split(".")
    said = [result.stdout + result.stderr for result in results]
    assert not [part for part in parts for text in said if part in text]


async def test_a_mandate_that_has_not_been_used_is_verified_too(office: Office) -> None:
    row = await office.family.pending()

    shown = await office.starter.run("mandate", "verify", row.code)

    assert shown.exit_code == 0
    assert "Nothing has been booked under it." in shown.stdout


async def test_a_declined_charge_took_nothing_and_needs_no_cover(office: Office) -> None:
    row = await office.family.completed(declined())

    code, found = await proof(office, row)

    assert code == 0
    assert [deed["what"] for deed in found["deeds"]] == ["booked"]


@pytest.mark.parametrize("name", [name for name in FAULTS if name not in GENUINE])
async def test_a_mandate_that_is_not_the_one_confirmed_is_found_out(
    office: Office, name: str
) -> None:
    row = await office.family.completed(paid())
    FAULTS[name](office.records, row.id, Use.CHARGING)

    shown = await office.starter.run("mandate", "verify", row.code)
    _, found = await proof(office, row)

    assert shown.exit_code == 1
    assert shown.stderr
    assert "covered by" not in shown.stdout
    assert not found["holds"]


async def test_the_claim_that_differs_is_named_with_what_each_side_says(office: Office) -> None:
    row = await office.family.completed(paid())
    FAULTS["for another event"](office.records, row.id, Use.CHARGING)

    shown = await office.starter.run("mandate", "verify", row.code)
    _, found = await proof(office, row)

    assert "The claim event_id is not what the rows say." in shown.stderr
    (differing,) = [check for check in found["claims"] if not check["holds"]]
    assert differing == {
        "claim": "event_id",
        "signed": "event2",
        "mandate": "E1",
        "registration": "E1",
        "holds": False,
    }


async def test_a_booking_after_the_end_or_the_withdrawal_was_not_covered(office: Office) -> None:
    row = await office.family.completed(paid())
    issued = office.records.mandates[row.id].issued_at
    alter(office.records, row.id, valid_until=issued, revoked_at=issued)
    alter(office.records, row.id, token=MANDATES.sign(claims(office.records, row.id)))

    shown = await office.starter.run("mandate", "verify", row.code)

    assert shown.exit_code == 1
    said = flat(shown.stderr)
    assert "Not covered: booked, because the mandate had expired; the mandate had been" in said
    assert "Not covered: charge 1 (succeeded), because the mandate had expired" in said


async def test_a_draft_has_nothing_to_verify_and_an_unknown_code_is_refused(
    office: Office,
) -> None:
    row = await office.family.draft()

    drafted = await office.starter.run("mandate", "verify", row.code)
    unknown = await office.starter.run("mandate", "verify", unknown_code())

    assert (drafted.exit_code, unknown.exit_code) == (1, 1)
    assert "It was never confirmed" in drafted.stderr
    assert "There is no registration" in unknown.stderr


async def test_what_was_confirmed_before_mandates_were_signed_is_signed_and_audited(
    office: Office,
) -> None:
    row = await unsigned(office)
    before = await office.starter.run("mandate", "verify", row.code)

    done = await sign_old(office)
    code, found = await proof(office, row)

    assert before.exit_code == 1
    assert "it is not signed" in before.stderr
    assert (done.exit_code, done.stdout.strip()) == (0, "Signed: 1.")
    assert (code, found["holds"]) == (0, True)
    assert found["signed_afterwards_at"] is not None
    event = office.records.trails[row.id][-1]
    assert (event.kind, event.detail["by"]) == (AuditKind.MANDATE_SIGNED, "kim")
    again = await sign_old(office)
    assert (again.exit_code, flat(again.stdout)) == (0, "Every permission in use is signed.")


async def test_a_dry_run_signs_nothing(office: Office) -> None:
    row = await unsigned(office)

    done = await sign_old(office, "--dry-run")

    assert done.exit_code == 0
    assert "1 would be signed" in done.stdout
    assert office.records.mandates[row.id].token is None


async def test_a_signature_made_afterwards_proves_nothing_of_the_time_before_it(
    office: Office,
) -> None:
    row = await office.family.completed(declined())
    alter(office.records, row.id, token=None)
    assert (await sign_old(office)).exit_code == 0

    shown = await office.starter.run("mandate", "verify", row.code)

    assert shown.exit_code == 1
    assert "Not covered: booked, because the mandate was signed later." in flat(shown.stderr)


def _confirmed_later(office: Office, row: Registration) -> None:
    office.records.unsigned_mandates_until = office.records.mandates[row.id].issued_at


def _raised_in_one_row(office: Office, row: Registration) -> None:
    alter(office.records, row.id, max_total_cents=90_000)


def _raised_in_both_rows(office: Office, row: Registration) -> None:
    _raised_in_one_row(office, row)
    raised = office.records.rows[row.id].model_copy(update={"max_total_cents": 90_000})
    office.records.rows[row.id] = raised


def _fee_raised(office: Office, row: Registration) -> None:
    FAULTS["a row of a higher fee"](office.records, row.id, Use.BOOKING)


def _trail_broken(office: Office, row: Registration) -> None:
    trail = office.records.trails[row.id]
    trail[-1] = trail[-1].model_copy(update={"at": trail[-1].at + timedelta(1), "detail": {}})


@pytest.mark.parametrize(
    ("tamper", "because"),
    [
        (_confirmed_later, "it was confirmed since permissions are signed"),
        (_raised_in_one_row, "its permission and its registration do not say the same"),
        (_raised_in_both_rows, "its audit trail does not know this permission"),
        (_fee_raised, "its audit trail does not know this permission"),
        (_trail_broken, "its audit trail is broken"),
    ],
)
async def test_what_cannot_be_vouched_for_stays_unsigned(
    office: Office, tamper: Any, because: str
) -> None:
    row = await unsigned(office)
    other = await (await new_household(office.records)).pending()
    alter(office.records, other.id, token=None)
    tamper(office, row)
    if tamper is _confirmed_later:
        alter(
            office.records,
            other.id,
            issued_at=office.records.mandates[row.id].issued_at - timedelta(1),
        )

    done = await sign_old(office)
    found = json.loads((await sign_old(office, "--json")).stdout)

    assert done.exit_code == 1
    assert f"{row.code} stays unsigned: {because}." in flat(done.stderr)
    assert office.records.mandates[row.id].token is None
    assert office.records.mandates[other.id].token is not None
    assert [refusal["code"] for refusal in found["refused"]] == [row.code]


async def test_sign_old_wants_a_handle(office: Office) -> None:
    nobody = await office.starter.run("mandate", "sign-old")
    mail = await office.starter.run("mandate", "sign-old", "--by", "kim@example.com")

    assert (nobody.exit_code, mail.exit_code) == (2, 2)


async def test_public_keys_verify_and_hold_no_secret(office: Office) -> None:
    shown = await office.starter.run("mandate", "public-keys")

    assert shown.exit_code == 0
    assert shown.stdout.startswith("test:pub:")
    assert seed(7) not in shown.stdout
