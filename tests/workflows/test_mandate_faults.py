"""Whatever is wrong with a mandate, at each place where something is done under it."""

import re
from base64 import b64decode
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr

from activities.fee_links import FeeLinks
from domain.alerts import AlertKind
from domain.mandates import Use
from domain.refusals import Refused
from domain.states import FailureCode, FeeStatus, RegistrationStatus
from gateways import Mandates
from gateways.fakes.records import InMemoryRecords
from gateways.signed_mandates import SignedMandates
from tests.eventually import eventually
from tests.mandate_faults import FAULTS, Spoil, alter, claims
from tests.mandates import MANDATES, seed
from tests.workflows.sweeping import alerts, later, lose_run, sweep_runs
from tests.workflows.unpaid import asking, booked_at_last
from tests.workflows.world import World

FAULT = pytest.mark.parametrize("spoil", FAULTS.values(), ids=FAULTS)


def spoilt_by(world: World, method: str, spoil: Spoil, use: Use) -> None:
    """Break the mandate as soon as that method has written; what it answers shows that."""
    real = getattr(world.records, method)

    async def written(registration_id: UUID, *rest: Any) -> Any:
        answer = await real(registration_id, *rest)
        spoil(world.records, registration_id, use)
        if isinstance(answer, tuple):
            return (answer[0], world.records.assemble(registration_id))  # pyright: ignore[reportUnknownVariableType]  # of open_charge
        return answer

    setattr(world.records, method, written)


def codes(refused: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {reason.code for reason in refused.value.reasons}


@FAULT
async def test_a_confirm_is_refused_where_the_mandate_on_record_does_not_hold(
    world: World, spoil: Spoil
) -> None:
    draft = await world.draft()
    spoilt_by(world, "confirm", spoil, Use.BOOKING)

    with pytest.raises(Refused) as refused:
        await world.confirm(draft)

    assert codes(refused) == {"mandate_invalid"}
    await world.until(draft.scheduled_time + timedelta(minutes=5))
    assert world.provider.sends == []
    assert world.payments.sends == []


@FAULT
async def test_nothing_is_booked_under_a_mandate_that_does_not_hold(
    world: World, spoil: Spoil
) -> None:
    registration_id = await world.scheduled()
    spoil(world.records, registration_id, Use.BOOKING)

    row = await world.ended(registration_id)

    assert (row.status, row.failure_code) == (
        RegistrationStatus.FAILED,
        FailureCode.MANDATE_INVALID,
    )
    assert world.provider.sends == []
    assert world.payments.sends == []


@FAULT
async def test_nothing_is_charged_under_a_mandate_that_does_not_hold(
    world: World, spoil: Spoil
) -> None:
    registration_id = await world.scheduled()
    spoilt_by(world, "open_charge", spoil, Use.CHARGING)

    await world.until_opening(registration_id)
    row = await world.row_when(registration_id, lambda r: r.status is RegistrationStatus.COMPLETED)

    assert row.fee_status is FeeStatus.DUE
    assert world.bookings(registration_id) == [row.booking_number]
    assert world.payments.sends == []
    assert world.payments.payments == []


@FAULT
async def test_no_page_to_approve_a_fee_is_made_under_a_mandate_that_does_not_hold(
    world: World, spoil: Spoil
) -> None:
    registration_id, _ = await asking(world)
    before = await world.door.registrations.get(world.user, registration_id)
    assert before.fee_action_url is not None

    spoil(world.records, registration_id, Use.CHARGING)

    after = await world.door.registrations.get(world.user, registration_id)
    assert after.fee_action_url is None


async def test_a_program_without_keys_makes_no_page_to_approve_a_fee(world: World) -> None:
    registration_id, _ = await asking(world)
    row = world.records.rows[registration_id]

    def links(mandates: Mandates) -> FeeLinks:
        return FeeLinks(world.records, world.payments, mandates, "http://127.0.0.1", world.clock)

    assert await links(SignedMandates(None)).approval(row) is None
    verifying = SignedMandates(SecretStr(MANDATES.public_keys()))
    assert await links(verifying).approval(row) is not None


async def test_a_confirm_repeated_for_a_lost_run_asks_for_the_mandate_on_record(
    world: World,
) -> None:
    draft = await world.draft(timedelta(days=3))
    await world.confirm(draft)
    await lose_run(world, draft.registration_id)
    alter(world.records, draft.registration_id, token=None)

    with pytest.raises(Refused) as refused:
        await world.confirm(draft)

    assert codes(refused) == {"mandate_invalid"}
    assert [kind for kind, _ in await alerts(world)] == [AlertKind.MANDATE_UNSIGNED]


async def test_a_registration_whose_permission_was_withdrawn_is_ended_though_its_run_was_lost(
    world: World,
) -> None:
    registration_id = await world.scheduled(timedelta(days=3))
    await world.door.registrations.revoke_mandate(world.user, registration_id)
    await lose_run(world, registration_id)
    await later(world, timedelta(hours=7))

    assert (await sweep_runs(world)).started == 1

    row = await world.ended(registration_id)
    assert row.failure_code is FailureCode.MANDATE_INVALID
    assert world.provider.sends == []


async def test_an_operator_is_told_of_an_unsigned_mandate_a_day_ahead(world: World) -> None:
    registration_id = await world.scheduled(timedelta(days=3))
    opening = world.records.rows[registration_id].scheduled_time
    alter(world.records, registration_id, token=None)

    await world.until(opening - timedelta(hours=23))
    await eventually(lambda: bool(world.records.alerts))

    ((kind, sentence),) = await alerts(world)
    assert kind is AlertKind.MANDATE_UNSIGNED
    assert world.records.rows[registration_id].code in sentence


async def test_the_same_confirm_signs_the_same_mandate(world: World) -> None:
    draft = await world.draft()
    await world.confirm(draft)
    mandate = world.records.mandates[draft.registration_id]
    row = world.records.rows[draft.registration_id]
    assert mandate.token is not None
    signed = MANDATES.read(mandate.token)

    await world.confirm(draft)

    assert world.records.mandates[draft.registration_id] == mandate
    assert (signed.key_id, signed.claims.jti) == ("test", row.mandate_id)
    assert signed.claims.child_ids == (world.child.id,)


async def test_a_move_signs_the_mandate_anew_until_its_later_end(world: World) -> None:
    registration_id = await world.scheduled()
    before = world.records.mandates[registration_id]
    later_on = world.records.rows[registration_id].scheduled_time + timedelta(days=2)

    await world.door.changes.reschedule(world.user, registration_id, later_on.isoformat(), None)

    after = world.records.mandates[registration_id]
    assert before.token is not None
    assert after.token is not None
    signed, again = (MANDATES.read(token).claims for token in (before.token, after.token))
    assert timedelta(seconds=again.exp - signed.exp) == timedelta(days=2)
    assert again == signed.model_copy(update={"exp": again.exp})


@pytest.mark.parametrize("name", ["not signed", "rows of a higher cap", "signed by another key"])
async def test_a_move_puts_no_signature_under_what_was_altered(world: World, name: str) -> None:
    registration_id = await world.scheduled()
    opening = world.records.rows[registration_id].scheduled_time
    FAULTS[name](world.records, registration_id, Use.BOOKING)

    with pytest.raises(Refused) as refused:
        await world.door.changes.reschedule(
            world.user, registration_id, (opening + timedelta(days=1)).isoformat(), None
        )

    assert codes(refused) == {"mandate_invalid"}
    assert world.records.rows[registration_id].scheduled_time == opening


def _not_given_here(records: InMemoryRecords, registration_id: UUID, _use: Use) -> None:
    """As it would be met by a worker that was started without the key that signed it."""
    elsewhere = SignedMandates(SecretStr(f"elsewhere:{seed(9)}"))
    token = elsewhere.sign(claims(records, registration_id))
    alter(records, registration_id, token=token)


async def test_a_fee_is_charged_once_the_key_of_its_permission_is_given_back(
    world: World,
) -> None:
    registration_id = await world.scheduled()
    token = world.records.mandates[registration_id].token
    spoilt_by(world, "open_charge", _not_given_here, Use.CHARGING)
    await booked_at_last(world, registration_id)
    assert world.payments.sends == []

    delattr(world.records, "open_charge")  # the key is given back
    alter(world.records, registration_id, token=token)
    await world.until(world.clock.outside + timedelta(hours=1))

    await world.row_when(registration_id, lambda r: r.fee_status is FeeStatus.PAID)
    assert len(world.payments.payments) == 1


async def test_a_move_waits_for_nobody_where_the_key_of_the_permission_is_not_given(
    world: World,
) -> None:
    registration_id = await world.scheduled()
    opening = world.records.rows[registration_id].scheduled_time
    _not_given_here(world.records, registration_id, Use.BOOKING)

    with pytest.raises(Refused) as refused:
        await world.door.changes.reschedule(
            world.user, registration_id, (opening + timedelta(days=1)).isoformat(), None
        )

    assert codes(refused) == {"mandate_unverifiable"}
    assert world.records.rows[registration_id].scheduled_time == opening


async def test_a_permission_of_a_release_that_signed_no_fee_is_moved_as_it_is_and_serves(
    world: World,
) -> None:
    registration_id = await world.scheduled()
    opening = world.records.rows[registration_id].scheduled_time
    said = claims(world.records, registration_id).model_copy(update={"success_fee_cents": None})
    alter(world.records, registration_id, token=MANDATES.sign(said))

    later_on = (opening + timedelta(hours=1)).isoformat()
    await world.door.changes.reschedule(world.user, registration_id, later_on, None)
    row = await world.ended(registration_id)

    token = world.records.mandates[registration_id].token
    assert MANDATES.read(token).claims.success_fee_cents is None
    assert (row.status, row.fee_status) == (RegistrationStatus.COMPLETED, FeeStatus.PAID)


async def test_a_token_is_in_no_history_no_letter_and_no_audit_trail(world: World) -> None:
    registration_id = await world.scheduled()
    token = world.records.mandates[registration_id].token
    assert token is not None

    row = await world.ended(registration_id)

    assert row.status is RegistrationStatus.COMPLETED
    history = (await world.run(registration_id).fetch_history()).to_json()
    dossier = await world.records.dossier(registration_id)
    kept = [
        *(b64decode(data).decode() for data in re.findall(r'"data": *"([^"]*)"', history)),
        *(letter.text for letter in world.mail.letters),
        *(event.model_dump_json() for event in world.records.trails[registration_id]),
        repr(dossier),
        dossier.model_dump_json(),
    ]
    assert any(str(registration_id) in text for text in kept)
    parts = token.get_secret_value().split(".")
    assert not [part for part in parts for text in kept if part in text]
