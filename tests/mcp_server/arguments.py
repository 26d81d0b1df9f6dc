"""Arguments of every tool: well formed ones, and every way to get each wrong."""

from typing import Any
from uuid import uuid4

HUGE = "xyzzy" * 2_000
SOME_ID = str(uuid4())

PARENT = {
    "first_name": "Ann",
    "last_name": "Ott",
    "email": "ann@example.com",
    "phone": "+1 212 555 0100",
    "birth_date": "1985-04-01",
}
CHILD = {"first_name": "Bo", "last_name": "Ott", "birth_date": "2016-05-04"}
WISH = {
    "org_ref": "north",
    "program_ref": "swim",
    "event_id": "swim-1",
    "child_ids": [SOME_ID],
    "max_total_cents": 20_000,
    "scheduled_time": "2030-01-01T09:00:00Z",
    "time_zone": "America/New_York",
}
CONFIRM = {
    "registration_id": SOME_ID,
    "summary_digest": "0" * 64,
    "accepted_fee_cents": 2_000,
}
MOVE = {
    "registration_id": SOME_ID,
    "scheduled_time": "2030-01-01T09:00:00Z",
    "time_zone": "America/New_York",
}
ONE = {"registration_id": SOME_ID}

WELL_FORMED: dict[str, dict[str, Any]] = {
    "find_programs": {"text": "swim", "org_ref": "north"},
    "get_profile": {},
    "update_profile": PARENT | {"locale": "en_GB", "time_zone": "Europe/London"},
    "list_children": {},
    "add_child": CHILD,
    "start_card_setup": {},
    "get_payment_method": {},
    "schedule_registration": WISH,
    "confirm_registration": CONFIRM,
    "get_registration": ONE,
    "list_registrations": {},
    "reschedule_registration": MOVE,
    "cancel_registration": ONE,
    "list_receipts": {},
    "get_audit_trail": ONE,
    "retry_fee": ONE,
    "revoke_mandate": ONE,
    "request_account_deletion": {},
    "cancel_account_deletion": {},
}

MALFORMED: dict[str, list[Any]] = {
    "locale": ["English", "EN_us", "en-US", "", "en_US\x00", HUGE, 7, True, ["en_US"], {"a": 1}],
    "registration_id": ["42", "not-a-uuid", "", HUGE, 42, None, True, [], {"a": 1}],
    "org_ref": [HUGE, 7, ["north"], "no spaces", "", "north\x00", "../north"],
    "program_ref": [HUGE, 7, None, "no spaces", ""],
    "event_id": [HUGE, 7, None, "no spaces", ""],
    "child_ids": [[], [SOME_ID] * 11, ["42"], [HUGE], "42", 42, None, [None], {"a": 1}],
    "max_total_cents": [-1, 10_000_001, 12.5, "many", "12000", True, None, [], HUGE],
    "accepted_fee_cents": [-1, 10_000_001, 20.5, "2000", True, None, HUGE],
    "summary_digest": [HUGE, 7, None, ["a"]],
    "scheduled_time": [HUGE, 7, ["2030"], {"at": 1}, True],
    "time_zone": [HUGE, 7, ["UTC"]],
    "text": [HUGE, 7, ["swim"], "swim\x00"],
    "first_name": [HUGE, "", "   ", 7, None, ["Ann"], "Ann\nOtt", "A" * 81],
    "last_name": [HUGE, "", 7, None, {"a": 1}],
    "email": [HUGE, "ann", "ann@", "a b@example.com", "", 7, None, f"{'a' * 300}@example.com"],
    "phone": [HUGE, "call me", "1", "", 7, None],
    "birth_date": [
        HUGE,
        "yesterday",
        "04/01/1985",
        "1985-13-01",
        "2015-02-30",
        "1985-04-01T00:00:00",
        481161600,
        "481161600",
        None,
        True,
    ],
}
