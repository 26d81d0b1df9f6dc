from uuid import uuid4

import pytest

from domain.letters import compose
from domain.registrations import Notification
from domain.states import NotificationKind
from gateways.fakes.records import InMemoryRecords
from tests.gateways.households import failure, new_household


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"failure_code": "sold_out"}, "Nothing was charged."),
        (
            {"failure_code": "sold_out", "fee": "returned"},
            "The success fee was given back to your card.",
        ),
    ],
)
async def test_a_letter_of_no_booking_says_what_became_of_the_money(
    facts: dict[str, str], said: str
) -> None:
    records = InMemoryRecords()
    family = await new_household(records)
    row = await family.executing()
    await records.record_outcome(failure(row))
    told = Notification(
        id=uuid4(), registration_id=row.id, kind=NotificationKind.NOT_BOOKED, facts=facts
    )

    letter = compose(told, await records.dossier(row.id))

    assert letter.text.splitlines()[2:4] == ["Every place was taken.", said]


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (dict[str, str](), "Nothing was charged."),
        ({"fee": "open"}, "The success fee may have been charged"),
    ],
)
async def test_a_letter_of_a_review_denies_no_charge_that_may_have_been_made(
    facts: dict[str, str], said: str
) -> None:
    records = InMemoryRecords()
    row = await (await new_household(records)).executing()
    told = Notification(
        id=uuid4(), registration_id=row.id, kind=NotificationKind.UNDER_REVIEW, facts=facts
    )

    letter = compose(told, await records.dossier(row.id))

    assert said in letter.text
    assert "do not book it a second time" in letter.text
