"""What the demos tell. Each imports its tale only when it is told: that takes a second."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

from sandbox.demo.narrator import Narrator


class Story(Protocol):
    """One that can be told in a running sandbox."""

    tale: ClassVar[str]
    """The module that is worth loading while the sandbox starts."""

    @property
    def preface(self) -> str:
        """Said first."""
        ...

    def tell(self, data: Path, env: Mapping[str, str], narrator: Narrator) -> str:
        """Tell it, and return its last sentence.

        Args:
            data: the folder of the running sandbox.
            env: its variables.
            narrator: tells it.

        Raises:
            SandboxError: a step failed, or a promise was not kept; says which, and why.
            ControlError: a simulator refused.
            httpx.HTTPError: a program of the sandbox did not answer.
        """
        ...


@dataclass(frozen=True)
class RegistrationStory:
    """Two children are signed up, from the chat to the receipt."""

    ahead_seconds: float
    places: int

    tale: ClassVar[str] = "sandbox.demo.tale"

    @property
    def preface(self) -> str:
        return (
            "A whole SignupAssist on this machine: its own programs, Temporal, Postgres,\n"
            "and stand-ins for Bookeo, Stripe and mail. Nobody real is booked or charged.\n"
            "No language model takes part: this program plays the parent, and calls the\n"
            "tools that a chat would call, over HTTP."
        )

    def tell(self, data: Path, env: Mapping[str, str], narrator: Narrator) -> str:
        from sandbox.demo.papers import lateness  # noqa: PLC0415 - see above
        from sandbox.demo.swim_team import SwimTeam  # noqa: PLC0415 - see above
        from sandbox.demo.tale import Tale  # noqa: PLC0415 - see above

        tale = Tale(
            data,
            env,
            narrator,
            ahead_seconds=self.ahead_seconds,
            team=SwimTeam.new(self.places),
        )
        receipt = tale.tell()
        return f"{receipt.receipt_code}: both children are booked, {lateness(receipt)}."


@dataclass(frozen=True)
class BillingStory:
    """A subscription whose second month cannot be paid."""

    day_seconds: float
    paid: bool

    tale: ClassVar[str] = "sandbox.demo.billing_tale"

    @property
    def preface(self) -> str:
        return (
            "A whole SignupAssist on this machine: its own programs, Temporal, Postgres,\n"
            "and stand-ins for Stripe and mail. Nobody real is charged.\n"
            f"Only time is shortened: a day of the grace takes {self.day_seconds:g} s."
        )

    def tell(self, data: Path, env: Mapping[str, str], narrator: Narrator) -> str:
        from sandbox.demo.billing_tale import BillingTale  # noqa: PLC0415 - see above

        tale = BillingTale(data, env, narrator, day_seconds=self.day_seconds, paid=self.paid)
        return tale.tell()
