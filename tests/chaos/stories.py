"""What parents do until it is booked, so that a registration comes to each of its steps."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from bench.families import CARD
from domain.refusals import Refused
from domain.states import FeeStatus, RegistrationStatus
from domain.timing import Timing
from tests.chaos.board import Seen
from tests.chaos.case import Case
from tests.chaos.timing import PATIENT, TIMING, UNHURRIED

DECLINED = "declined_when_charged"
BEFORE_ITS_SEND = {
    RegistrationStatus.DRAFT,
    RegistrationStatus.PENDING,
    RegistrationStatus.EXECUTING,
}
LATER = timedelta(seconds=32)
"""By how much an opening is moved: the whole lead lies in it once more."""


Undone = Callable[[RegistrationStatus, FeeStatus], bool]


def _nothing_undone(_status: RegistrationStatus, _fee: FeeStatus) -> bool:
    return False


def not_given_back(status: RegistrationStatus, _fee: FeeStatus) -> bool:
    """A place that somebody cancelled stands as booked."""
    return status is RegistrationStatus.COMPLETED


def not_paid(status: RegistrationStatus, fee: FeeStatus) -> bool:
    """A good card was saved at last, and the fee is due still."""
    return status is RegistrationStatus.COMPLETED and fee is not FeeStatus.PAID


def not_decided(status: RegistrationStatus, _fee: FeeStatus) -> bool:
    """A person decided, and it waits for one still."""
    return status is RegistrationStatus.NEEDS_REVIEW


@dataclass(frozen=True)
class Story:
    """One way through."""

    name: str
    play: Callable[[Case], Awaitable[None]]
    card: str = CARD
    timing: Timing = TIMING
    undone: Undone = _nothing_undone
    """Whether a row that ended so shows that what was asked for was not done."""

    @property
    def card_stays(self) -> bool:
        """Whether the family has a good card from beginning to end."""
        return self.card == CARD


async def _booked(case: Case) -> None:
    await case.confirm()


async def _fee_paid_later(case: Case) -> None:
    await case.confirm()
    if await case.comes_to(lambda seen: seen.fee_status is FeeStatus.DUE):
        await case.save_card(CARD)
        # Refused where an earlier asking, whose answer was lost, has been heard.
        with suppress(Refused):
            await case.retry_fee()


def _awake(seen: Seen) -> bool:
    """It is about to be sent, or over. Between claim and arming it is stopped in another way."""
    return seen.armed or seen.status not in BEFORE_ITS_SEND


async def _cancelled(case: Case) -> None:
    await case.confirm()
    await case.until(_awake)
    with suppress(Refused):  # too late: then it is booked
        await case.cancel()


async def _moved(case: Case) -> None:
    await case.confirm()
    await case.until(_awake)
    with suppress(Refused):  # likewise
        await case.move(LATER)


async def _withdrawn(case: Case) -> None:
    await case.confirm()
    await case.until(_awake)
    with suppress(Refused):  # likewise
        await case.withdraw()


BOOKED = Story("booked", _booked)
FEE_PAID_LATER = Story(
    "fee paid later", _fee_paid_later, card=DECLINED, timing=PATIENT, undone=not_paid
)
CANCELLED = Story("cancelled while armed", _cancelled, timing=UNHURRIED)
MOVED = Story("moved while armed", _moved, timing=UNHURRIED)
WITHDRAWN = Story("withdrawn while armed", _withdrawn, timing=UNHURRIED)
