from datetime import date

import pytest
from pydantic import ValidationError

from domain.family import Guardian


def _guardian(**changes: str) -> Guardian:
    return Guardian.model_validate(
        {
            "first_name": "Ann",
            "last_name": "Lind",
            "email": "ann@example.com",
            "phone": "+1 (555) 010-0100",
            "birth_date": date(1985, 1, 2),
            **changes,
        }
    )


@pytest.mark.parametrize("phone", ["------", "((((((", "12345", "+", "1" * 16, "call me maybe"])
def test_a_phone_number_needs_six_to_fifteen_digits(phone: str) -> None:
    with pytest.raises(ValidationError):
        _guardian(phone=phone)


def test_a_mail_domain_is_kept_as_every_server_takes_it() -> None:
    assert _guardian(email="a@münchen.de").email == "a@xn--mnchen-3ya.de"


def test_a_mail_address_no_letter_can_reach_is_refused() -> None:
    with pytest.raises(ValidationError):
        _guardian(email="jörg@example.com")


def test_a_guardian_shows_nothing_of_itself() -> None:
    assert "Lind" not in f"{_guardian()!r} {_guardian()}"
