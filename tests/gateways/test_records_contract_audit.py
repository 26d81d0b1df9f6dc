import json
import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from domain.audit import verify_chain
from domain.contracts import CancelOrder, FeeOrder
from domain.errors import RecordMissing
from domain.refusals import Reason
from gateways.protocols.records import Records
from tests.gateways.households import CARD, GUARDIAN, Household, declined, key, paid


async def test_every_step_of_a_registration_is_in_its_trail(family: Household) -> None:
    row = await family.completed(declined())
    await family.charge(row, number=2)
    await family.records.settle_fee(
        FeeOrder(
            registration_id=row.id,
            expected_version=row.version,
            operation_key=key("fee"),
            charge=paid(2),
        )
    )
    steps = [
        "drafted",
        "confirmed",
        "claimed",
        "attempt_opened",
        "fee_frozen",
        "completed",
        "fee_frozen",
        "fee_settled",
    ]
    trail = [event.kind.value for event in await family.records.audit_trail(row.id)]
    # A booking may be noted by one event or by several, in the order the database sees fit.
    assert [kind for kind in trail if kind not in {"attempt_closed", "booked"}] == steps
    assert {"attempt_closed", "booked"} & set(trail)


async def test_the_chain_holds_and_ends_where_the_standing_says(family: Household) -> None:
    row = await family.pending()
    await family.records.note_problems(
        row.id, (Reason(code="no_card", sentence="Größe: “naïve” / \\ \n\u2028 🏊"),), key("look")
    )
    standing = await family.records.cancel(
        CancelOrder(
            registration_id=row.id,
            expected_version=row.version,
            operation_key=f'ключ/"1"/{uuid4()}',
        )
    )
    trail = await family.records.audit_trail(row.id)
    assert [event.seq for event in trail] == [1, 2, 3, 4]
    assert verify_chain(trail, expected_head=standing.audit_head).holds
    verdict = await family.records.verify_audit(row.id)
    assert verdict.holds
    assert (verdict.events, verdict.head) == (4, standing.audit_head)


async def test_a_whole_life_verifies_here_and_in_the_database(family: Household) -> None:
    row = await family.completed(paid())
    trail = await family.records.audit_trail(row.id)
    verdict = verify_chain(trail, expected_head=row.audit_head)
    assert verdict.holds
    assert await family.records.verify_audit(row.id) == verdict


async def test_an_event_knows_its_instant_its_operation_and_its_registration(
    family: Household,
) -> None:
    row, again = await family.draft(), key("confirm")
    await family.confirm(row, again)
    event = (await family.records.audit_trail(row.id))[-1]
    assert event.registration_id == row.id
    assert event.operation_key == again
    assert abs(event.at - datetime.now(UTC)) < timedelta(minutes=1)
    assert event.at == datetime.fromisoformat(event.at_text)


async def test_a_problem_is_in_the_trail_by_its_code_only_and_once(family: Household) -> None:
    row, again = await family.pending(), key("look")
    problems = (
        Reason(code="card_expired", sentence="The card of Zoë O'Brien expires."),
        Reason(code="over_cap", sentence="It costs more than your limit."),
    )
    for _ in range(2):
        await family.records.note_problems(row.id, problems, again)
    noted = [
        event
        for event in await family.records.audit_trail(row.id)
        if event.kind.value == "problem_found"
    ]
    assert len(noted) == 1
    written = json.dumps(noted[0].detail)
    assert "card_expired" in written
    assert "over_cap" in written
    assert "expires" not in written


async def test_nothing_personal_is_in_any_event(family: Household) -> None:
    row = await family.completed(paid())
    written = " ".join(
        event.model_dump_json() for event in await family.records.audit_trail(row.id)
    )
    personal = [GUARDIAN.email, GUARDIAN.phone, "O'Brien", "Zoë", "Ada", CARD.last4]
    # As a word: four digits stand in many a hash.
    alone = [rf"(?<![\w-]){re.escape(word)}(?![\w-])" for word in personal]
    assert [word for word in alone if re.search(word, written)] == []


async def test_there_is_no_trail_of_what_does_not_exist(records: Records) -> None:
    with pytest.raises(RecordMissing):
        await records.audit_trail(uuid4())
    with pytest.raises(RecordMissing):
        await records.verify_audit(uuid4())
