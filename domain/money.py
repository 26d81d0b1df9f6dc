"""Amounts: integer minor units and a currency, never a float."""

from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from domain.frozen import Frozen

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
"""An ISO 4217 code in capitals."""

Cents = Annotated[int, Field(ge=0, le=10_000_000)]
"""A non-negative amount in minor units, up to 100,000.00."""

SUCCESS_FEE_CENTS = 2_000
"""What a parent pays, once, when the place is booked: $20."""


class Money(Frozen):
    """An amount with its currency."""

    amount_cents: Cents
    currency: Currency = "USD"

    def __str__(self) -> str:
        """As a parent reads it: `$20.00`, or `20.00 EUR`."""
        figure = f"{self.amount_cents // 100:,}.{self.amount_cents % 100:02d}"
        return f"${figure}" if self.currency == "USD" else f"{figure} {self.currency}"

    def plus(self, other: "Money") -> "Money":
        """The sum.

        Raises:
            ValueError: the currencies differ; no rate is ever assumed.
        """
        if self.currency != other.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return Money(amount_cents=self.amount_cents + other.amount_cents, currency=self.currency)

    @classmethod
    def from_decimal_string(cls, amount: str, currency: str) -> Self:
        """Read a provider's decimal string such as `"12.50"`.

        Raises:
            ValueError: not a decimal number, negative, or finer than a cent.
        """
        try:
            cents = Decimal(amount) * 100
        except ArithmeticError as bad:
            raise ValueError(f"{amount!r} is not a decimal amount") from bad
        if not cents.is_finite() or cents != cents.to_integral_value() or cents < 0:
            raise ValueError(f"{amount!r} is not a whole, non-negative number of cents")
        return cls(amount_cents=int(cents), currency=currency)
