import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import Money


@given(st.integers(0, 10_000_000))
def test_a_decimal_string_reads_back_to_the_cent(cents: int) -> None:
    text = f"{cents // 100}.{cents % 100:02d}"
    assert Money.from_decimal_string(text, "USD") == Money(amount_cents=cents)


@pytest.mark.parametrize("text", ["", "abc", "1.234", "-1.00", "NaN", "Infinity", "1e400"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Money.from_decimal_string(text, "USD")


def test_currencies_are_never_mixed() -> None:
    with pytest.raises(ValueError, match="cannot add EUR to USD"):
        Money(amount_cents=1).plus(Money(amount_cents=1, currency="EUR"))


def test_an_amount_reads_as_a_parent_writes_it() -> None:
    assert str(Money(amount_cents=123_456)) == "$1,234.56"
    assert str(Money(amount_cents=2_000, currency="EUR")) == "20.00 EUR"
