"""What a check found, in words."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from domain.frozen import Frozen


class State(StrEnum):
    """How a finding is to be taken."""

    PASS = "pass"  # noqa: S105 - no password
    WARN = "warn"
    """Look at it. Also what could not be checked, because something before it failed."""
    FAIL = "fail"
    """Something does not work, or soon will not."""


class Finding(Frozen):
    """One line of the doctor's."""

    name: str
    """Subject and matter, such as `stripe.mode`. Programs may rely on it."""
    state: State
    sentence: str
    """What was found. Names of things and codes only: no key, nothing personal."""
    remedy: str | None = None
    """What to do; None where nothing is to be done."""


class NotChecked(Exception):
    """What a check needs is not to be had; the message completes "not checked, because …"."""

    remedy = "Repair that first."


class InPeace(NotChecked):
    """An account is not asked while it has an opening."""

    remedy = "Nothing is wrong with that. Ask again some minutes later."

    def __init__(self) -> None:
        super().__init__("its pace belongs to an opening now")


def passed(name: str, sentence: str) -> Finding:
    """All is well."""
    return Finding(name=name, state=State.PASS, sentence=sentence)


def warned(name: str, sentence: str, remedy: str) -> Finding:
    """Somebody should look."""
    return Finding(name=name, state=State.WARN, sentence=sentence, remedy=remedy)


def failed(name: str, sentence: str, remedy: str) -> Finding:
    """Somebody must act."""
    return Finding(name=name, state=State.FAIL, sentence=sentence, remedy=remedy)


def not_checked(name: str, because: NotChecked) -> Finding:
    """Nothing can be said."""
    return warned(name, f"Not checked, because {because}.", because.remedy)


MOST_NAMED = 5


def some(names: Iterable[str], most: int = MOST_NAMED) -> str:
    """The first of them, and how many more there are."""
    every = list(names)
    more = len(every) - most
    return ", ".join(every[:most]) + (f" and {more} more" if more > 0 else "")


def counted(count: int, one: str, many: str | None = None) -> str:
    """`1 letter`, `2 letters`."""
    return f"{count} {one if count == 1 else many or f'{one}s'}"


def worst(findings: Sequence[Finding]) -> State:
    """The gravest state among them."""
    states = {finding.state for finding in findings}
    return next(
        (state for state in (State.FAIL, State.WARN) if state in states),
        State.PASS,
    )
