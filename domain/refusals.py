"""Bad input is refused whole, at the door, with every reason, and changes nothing."""

from collections.abc import Iterable
from typing import Any

from domain.frozen import Frozen


class Reason(Frozen):
    """One reason: a code for programs, a sentence for people."""

    code: str
    sentence: str
    """What is wrong and what to do about it, in the parent's words."""
    field: str | None = None
    """The input it concerns, where there is one."""


class Refused(Exception):
    """The request was refused and nothing was changed. Carries every reason at once."""

    def __init__(self, reasons: Iterable[Reason] | Reason) -> None:
        self.reasons: tuple[Reason, ...] = (
            (reasons,) if isinstance(reasons, Reason) else tuple(reasons)
        )
        super().__init__(" ".join(reason.sentence for reason in self.reasons))

    def __reduce__(self) -> tuple[Any, ...]:
        return (Refused, (self.reasons,))


def refuse(code: str, sentence: str, field: str | None = None) -> Refused:
    """The refusal for a single reason."""
    return Refused(Reason(code=code, sentence=sentence, field=field))


def not_found(what: str) -> Refused:
    """The one answer for what does not exist and for what belongs to someone else."""
    return refuse("not_found", f"There is no such {what} in your account.")
