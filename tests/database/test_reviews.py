"""What the database holds of registrations that wait for a person."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from domain.registrations import Registration
from domain.review import AttemptRecord, ReviewCase
from tests.database import steps
from tests.database.door import Database, Door, refused
from tests.database.family import Family, new_family
from tests.database.test_shapes import assert_shaped

MIGRATION = Path(__file__).parent.parent.parent / "supabase/migrations/20261123000200_reviews.sql"
BACKFILL = r"^select app\.await_review\(.*?;$"


def test_a_case_is_shaped_as_the_protocol_says(family: Family, door: Door) -> None:
    row = family.sent()
    steps.record_needs_review(door, row)

    case = door.call("review_case", registration_id=row.id)

    assert_shaped(case, ReviewCase)
    (attempt,) = case["attempts"]
    assert_shaped(attempt, AttemptRecord)


def test_what_waited_before_causes_were_kept_gets_its_case_and_its_alert(
    database: Database, family: Family, door: Door
) -> None:
    row = family.sent()
    steps.record_needs_review(door, row)
    backfill = re.search(BACKFILL, MIGRATION.read_text(), re.DOTALL | re.MULTILINE)
    assert backfill is not None
    with database.session("postgres") as rows:
        rows.run("delete from reviews where registration_id = %s", row.id)
        rows.run("delete from alerts where registration_id = %s", row.id)
        # Of this registration alone: the others have their cases already.
        rows.run(backfill[0].rstrip(";") + " and waiting.id = %s", row.id)

    case = door.call("review_case", registration_id=row.id)

    assert (case["cause"], case["evidence"]) == ("unspecified", "read time-out after 3 bytes")
    keys = [alert["key"] for alert in door.call("open_alerts", limit=10_000)]
    assert f"review_waiting/{row.id}" in keys


def test_two_reviews_at_once_never_take_one_booking(database: Database, door: Door) -> None:
    families = [new_family(door), new_family(door)]
    held = [family.sent() for family in families]
    for row in held:
        steps.record_needs_review(door, row)

    ends = database.at_once([take(row, held[0].code) for row in held])

    assert sum(isinstance(end, dict) for end in ends) == 1
    with refused("PT422", "booking_taken"):
        raise next(end for end in ends if isinstance(end, psycopg.Error))


def take(row: Registration, number: str) -> Callable[[Door], Any]:
    """The charge for a booking that a person found."""

    def act(door: Door) -> Any:
        return door.call(
            "open_charge",
            registration_id=row.id,
            number=1,
            fence=0,
            booking_number=f"B-{number}",
            operation_key=steps.key("charge"),
        )

    return act
