"""What stands against one registration that opens soon, and what an operator does about it."""

import re
from enum import StrEnum

from console.doctor.findings import State
from domain.frozen import Frozen
from domain.refusals import Reason
from domain.registrations import Registration

AGAIN = "python starter.py tomorrow"
CANCEL = "python starter.py cancel CODE"
CONFIRM_AGAIN = "python starter.py confirm CODE --digest DIGEST --fee-cents CENTS"
"""Starts a run that was lost: by the words that its parent agreed to, so nothing is agreed anew."""


class Matter(StrEnum):
    """What has to be ready. Programs may rely on these words."""

    MANDATE = "mandate"
    """Signed, and good until nothing is tried any more."""
    PROFILE = "profile"
    """Guardian and children are complete, the guardian is adult."""
    CARD = "card"
    PRICE = "price"
    """Under the parent's limit, with the fee."""
    PRODUCT = "product"
    """Bookable by us, with seats."""
    ACCOUNT = "account"
    """Takes our keys, and is not paused."""
    RUN = "run"
    """There, waiting for this opening, and awake where it should be."""
    LANE = "lane"
    """Held by a living process, once armed."""


class Fault(Frozen):
    """One thing that is not ready."""

    matter: Matter
    code: str
    state: State = State.FAIL
    """WARN where it is tried all the same, and that is all that was promised."""
    sentence: str
    remedy: str
    """What to do."""
    commands: tuple[str, ...] = ()
    """What to type for it, in that order. CODE, UUID, DIGEST and CENTS stand for the
    registration's own."""

    def of(self, row: Registration) -> "Fault":
        """The same, with commands that can be typed as they stand."""
        own = {
            "CODE": row.code,
            "UUID": str(row.id),
            "DIGEST": row.summary_digest,
            "CENTS": str(row.success_fee_cents),
        }
        typed = [_PLACE.sub(lambda found: own[found[0]], command) for command in self.commands]
        return self.model_copy(update={"commands": tuple(typed)})


_PLACE = re.compile(r"\b(?:CODE|UUID|DIGEST|CENTS)\b")


def fault_of(reason: Reason) -> Fault:
    """The fault that a look ahead would tell its parent of."""
    matter, remedy, commands = _REMEDIES.get(reason.code, _UNFORESEEN)
    state = State.WARN if reason.code == "few_seats" else State.FAIL
    return Fault(
        matter=matter,
        code=reason.code,
        state=state,
        sentence=reason.sentence,
        remedy=remedy,
        commands=commands,
    )


_BY_THE_PARENT = "Only the parent can mend it, in the chat. They were written to: remind them."
_BOOKED_ALL_THE_SAME = f"{_BY_THE_PARENT} Without it the place is booked and the fee stays due."
_ANEW = "once this one is cancelled, the parent can schedule it again"

_REMEDIES: dict[str, tuple[Matter, str, tuple[str, ...]]] = {
    "mandate_invalid": (
        Matter.MANDATE,
        f"Nothing is booked under it. See what it lacks; {_ANEW}.",
        ("python starter.py mandate verify CODE", CANCEL),
    ),
    "guardian_incomplete": (Matter.PROFILE, _BY_THE_PARENT, (AGAIN,)),
    "guardian_minor": (
        Matter.PROFILE,
        "A mistyped birth date is corrected by the parent, in the chat. Else cancel it.",
        (CANCEL,),
    ),
    "no_children": (Matter.PROFILE, "It cannot be booked: cancel it.", (CANCEL,)),
    "no_card": (Matter.CARD, _BOOKED_ALL_THE_SAME, (AGAIN,)),
    "card_expired": (Matter.CARD, _BOOKED_ALL_THE_SAME, (AGAIN,)),
    "over_cap": (
        Matter.PRICE,
        f"Nothing is booked above the limit: {_ANEW} with a higher one.",
        (CANCEL,),
    ),
    "provider_blocked": (
        Matter.PRODUCT,
        "Ask the organiser to change the product; the doctor says what it lacks.",
        ("python starter.py doctor --program worker", AGAIN),
    ),
    "few_seats": (
        Matter.PRODUCT,
        "Nothing: it is tried. If the parent asks, it may end as sold_out.",
        (),
    ),
}
_UNFORESEEN = (Matter.MANDATE, "Look at it.", ("python starter.py status CODE",))
