from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from domain.erasure_letters import account_deleted, deletion_asked
from domain.erasures import Erasure
from domain.family import Guardian
from gateways.stationery import words

GUARDIAN = Guardian(
    first_name="Ann",
    last_name="Lind",
    email="ann@example.com",
    phone="+1 555 010 0100",
    birth_date=date(1985, 1, 2),
)
ASKED = datetime(2026, 12, 1, 9, tzinfo=UTC)


def _wish(asked_at: datetime = ASKED) -> Erasure:
    return Erasure(user_id=uuid4(), asked_at=asked_at, due_at=asked_at + timedelta(days=30))


def test_the_letter_of_a_wish_names_the_day_and_the_way_back() -> None:
    letter = words().write(deletion_asked(_wish(), GUARDIAN))
    assert letter.to == "ann@example.com"
    assert letter.subject == "Your account will be deleted"
    assert "in the night after Thursday, December 31, 2026" in letter.text
    assert "tell the chat to keep it" in letter.text


def test_the_last_letter_says_what_is_kept_and_who_else_knows_them() -> None:
    letter = words().write(account_deleted(_wish(), GUARDIAN))
    assert "receipts and payments" in letter.text
    assert "Organisers" in letter.text


def test_each_letter_of_each_wish_has_one_message_id_that_names_nobody() -> None:
    wish = _wish()
    later = wish.model_copy(update={"asked_at": ASKED + timedelta(days=1)})
    ids = {deletion_asked(one, GUARDIAN).message_id for one in (wish, wish, later)}
    ids.add(account_deleted(wish, GUARDIAN).message_id)
    assert len(ids) == 3
    assert not [one for one in ids if str(wish.user_id) in one]
