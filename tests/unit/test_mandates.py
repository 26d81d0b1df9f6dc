"""A mandate's claims against the rows they speak of, and when it covers what is to be done."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain.consent import mandate_faults, not_genuine
from domain.mandates import SignedClaims, Use, claims_for, compared
from domain.registrations import Dossier, Mandate
from gateways.fakes.records import InMemoryRecords
from tests.gateways.households import new_household
from tests.mandates import MANDATES

NOW = datetime.now(UTC)


async def confirmed() -> Dossier:
    records = InMemoryRecords()
    family = await new_household(records)
    return await records.dossier((await family.pending()).id)


def signed(dossier: Dossier) -> SignedClaims:
    assert dossier.mandate is not None
    assert dossier.mandate.token is not None
    return MANDATES.read(dossier.mandate.token)


def with_mandate(dossier: Dossier, **changes: object) -> Dossier:
    assert dossier.mandate is not None
    return dossier.model_copy(update={"mandate": dossier.mandate.model_copy(update=changes)})


def with_row(dossier: Dossier, **changes: object) -> Dossier:
    row = dossier.registration.model_copy(update=changes)
    return dossier.model_copy(update={"registration": row})


def differing(dossier: Dossier, token: SignedClaims) -> set[str]:
    assert dossier.mandate is not None
    checks = compared(token.claims, dossier.mandate, dossier)
    return {check.claim for check in checks if not check.holds}


async def test_a_mandate_as_it_was_confirmed_covers_the_booking() -> None:
    dossier = await confirmed()
    assert mandate_faults(dossier, signed(dossier), Use.BOOKING, NOW) == []


async def test_the_order_in_which_the_children_are_named_changes_nothing() -> None:
    dossier = await confirmed()
    turned = dossier.model_copy(update={"child_ids": dossier.child_ids[::-1]})
    assert not_genuine(turned, signed(dossier)) == []


OF_THE_MANDATE: dict[str, tuple[str, Any]] = {
    "jti": ("id", uuid4()),
    "sub": ("user_id", uuid4()),
    "registration_id": ("registration_id", uuid4()),
    "program_ref": ("program_ref", "other"),
    "event_id": ("event_id", "other"),
    "child_ids": ("child_ids", (uuid4(),)),
    "max_total_cents": ("max_total_cents", 1),
    "currency": ("currency", "EUR"),
    "exp": ("valid_until", NOW + timedelta(days=400)),
}

OF_THE_REGISTRATION: dict[str, tuple[str, Any]] = {
    "jti": ("mandate_id", uuid4()),
    "sub": ("user_id", uuid4()),
    "registration_id": ("id", uuid4()),
    "provider": ("provider", "other"),
    "org_ref": ("org_ref", "other"),
    "program_ref": ("program_ref", "other"),
    "event_id": ("event_id", "other"),
    "max_total_cents": ("max_total_cents", 1),
    "success_fee_cents": ("success_fee_cents", 1),
    "currency": ("currency", "EUR"),
}


@pytest.mark.parametrize("claim", OF_THE_MANDATE)
async def test_a_claim_is_compared_with_the_mandates_row(claim: str) -> None:
    dossier = await confirmed()
    column, other = OF_THE_MANDATE[claim]
    altered = with_mandate(dossier, **{column: other})
    assert differing(altered, signed(dossier)) == {claim}
    assert [fault.code for fault in not_genuine(altered, signed(dossier))] == ["mandate_invalid"]


@pytest.mark.parametrize("claim", OF_THE_REGISTRATION)
async def test_a_claim_is_compared_with_the_registrations_row(claim: str) -> None:
    dossier = await confirmed()
    column, other = OF_THE_REGISTRATION[claim]
    altered = with_row(dossier, **{column: other})
    assert differing(altered, signed(dossier)) == {claim}
    assert [fault.code for fault in not_genuine(altered, signed(dossier))] == ["mandate_invalid"]


async def test_the_claims_are_compared_with_the_children_that_are_to_be_booked() -> None:
    dossier = await confirmed()
    fewer = dossier.model_copy(update={"child_ids": dossier.child_ids[:1]})
    assert differing(fewer, signed(dossier)) == {"child_ids"}


async def test_every_claim_that_is_signed_is_compared() -> None:
    dossier = await confirmed()
    compared_with = {*OF_THE_MANDATE, *OF_THE_REGISTRATION, "iss", "aud"}
    assert compared_with == set(type(signed(dossier).claims).model_fields)


async def test_of_a_fee_that_was_not_signed_nothing_is_said() -> None:
    dossier = with_row(await confirmed(), success_fee_cents=1)
    whole = signed(dossier)
    before = whole.claims.model_copy(update={"success_fee_cents": None})
    assert not_genuine(dossier, whole.model_copy(update={"claims": before})) == []


async def test_the_end_is_signed_in_whole_seconds_and_never_later_than_the_row() -> None:
    dossier = await confirmed()
    until = datetime(2027, 1, 1, 12, 0, 0, 999_999, UTC)
    claims = claims_for(dossier, uuid4(), until)
    assert datetime.fromtimestamp(claims.exp, UTC) == until.replace(microsecond=0)


@pytest.mark.parametrize(
    ("changes", "use", "words"),
    [
        ({"revoked_at": NOW}, Use.BOOKING, "withdrew"),
        ({"used_at": NOW}, Use.BOOKING, "has been used"),
        ({"used_at": None}, Use.CHARGING, "No booking was made"),
    ],
)
async def test_a_mandate_that_is_not_in_force_says_why(
    changes: dict[str, Any], use: Use, words: str
) -> None:
    dossier = await confirmed()
    (fault,) = mandate_faults(with_mandate(dossier, **changes), signed(dossier), use, NOW)
    assert fault.code == "mandate_invalid"
    assert words in fault.sentence


async def test_a_mandate_is_valid_until_its_last_instant_and_not_after_it() -> None:
    dossier = await confirmed()
    mandate: Mandate | None = dossier.mandate
    assert mandate is not None
    end = mandate.valid_until
    assert mandate_faults(dossier, signed(dossier), Use.BOOKING, end) == []
    (late,) = mandate_faults(dossier, signed(dossier), Use.BOOKING, end + timedelta(microseconds=1))
    assert "expired" in late.sentence


async def test_every_fault_is_said_at_once() -> None:
    dossier = with_mandate(await confirmed(), revoked_at=NOW, used_at=NOW)
    assert len(mandate_faults(dossier, None, Use.BOOKING, NOW + timedelta(days=400))) == 4


async def test_without_a_mandate_nothing_is_permitted() -> None:
    dossier = (await confirmed()).model_copy(update={"mandate": None})
    (fault,) = mandate_faults(dossier, None, Use.BOOKING, NOW)
    assert fault.sentence == "There is no permission on record for this registration."
