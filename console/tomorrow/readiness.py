"""Whether one registration is ready, by the rules of the looks ahead. Nothing is changed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from activities.permission import Permission
from console.doctor.accounts import AccountLook
from console.doctor.findings import State
from console.runs import Fit
from console.tomorrow.faults import AGAIN, CONFIRM_AGAIN, Fault, Matter, fault_of
from console.tomorrow.offers import Offer
from domain.attempts import LeaseState
from domain.consent import card_faults, family_faults, over_cap, product_faults, too_few_seats
from domain.errors import MandateKeyUnknown, Unauthorised
from domain.mandates import Use
from domain.openings import Opening
from domain.pacing import Pause
from domain.refusals import Reason
from domain.registrations import Agreement, Dossier, Registration
from domain.states import RegistrationStatus
from domain.timing import Timing
from gateways import Mandates

WAKING = timedelta(seconds=3)
"""After it should have been claimed: the claim itself takes a while."""

TIMING = Timing()
"""That of every registration which is confirmed by the front door."""


class _At:
    """A clock that stands still."""

    def __init__(self, instant: datetime) -> None:
        self._instant = instant

    def now(self) -> datetime:
        return self._instant

    def ahead_of_host(self) -> timedelta:
        return timedelta()


@dataclass(frozen=True)
class Known:
    """What is known around one opening. None where it could not be looked at."""

    now: datetime
    mandates: Mandates | None
    look: AccountLook | None
    """What came of asking the account for its access."""
    offer: Offer
    pause: Pause | None
    fit: Fit | None


@dataclass(frozen=True)
class Readiness:
    """One registration, and what stands against it."""

    opening: Opening
    faults: tuple[Fault, ...]
    untold: Mapping[Matter, str]
    """What could not be looked at, and why."""

    @property
    def row(self) -> Registration:
        """The registration."""
        return self.opening.agreement.registration

    @property
    def blocked(self) -> bool:
        """Whether somebody must act."""
        return any(fault.state is State.FAIL for fault in self.faults)

    def state_of(self, matter: Matter) -> str:
        """`ready`, `warn`, `fail`, or `untold`."""
        states = [fault.state for fault in self.faults if fault.matter is matter]
        if State.FAIL in states:
            return State.FAIL.value
        if states:
            return State.WARN.value
        return "untold" if matter in self.untold else "ready"


def readiness(opening: Opening, known: Known) -> Readiness:
    """What a look ahead would find now, and what only an operator can know."""
    permission = _permission(opening.agreement, known.mandates)
    faults = [
        *map(fault_of, permission or ()),
        *map(fault_of, _reasons(opening, known)),
        *_account_faults(opening, known),
        *_run_faults(opening, known),
        *_lane_faults(opening, known.now),
    ]
    untold = _untold(opening, known)
    if permission is None:
        untold[Matter.MANDATE] = "no key that is given here verifies it"
    return Readiness(opening, tuple(faults), untold)


def _permission(agreement: Agreement, mandates: Mandates | None) -> list[Reason] | None:
    """What it lacks; None where no key tells.

    As of the last instant at which something may be sent: it must hold until then.
    """
    if mandates is None:
        return None
    last = _At(agreement.registration.scheduled_time + TIMING.late_deadline)
    try:
        return Permission(mandates, last).faults(agreement, Use.BOOKING)
    except MandateKeyUnknown:
        return None


def _reasons(opening: Opening, known: Known) -> Iterator[Reason]:
    agreement = opening.agreement
    if isinstance(agreement, Dossier):
        yield from family_faults(agreement, known.now)
    yield from card_faults(agreement)
    if known.offer.reason is not None:
        yield known.offer.reason
    elif known.offer.product is not None:
        yield from product_faults(agreement, known.offer.product)
        few = too_few_seats(agreement, known.offer.slot)
        if few is not None:
            yield few
    else:
        yield from _as_last_seen(opening)


def _as_last_seen(opening: Opening) -> Iterator[Reason]:
    """Where the organiser is not asked now: by the saved price, and by the last look ahead."""
    agreement = opening.agreement
    too_dear = over_cap(
        agreement.registration, agreement.program.price_for(len(agreement.child_ids))
    )
    if too_dear is not None:
        yield too_dear
    for code in opening.noted.codes if opening.noted else ():
        if code in _OF_THE_ORGANISER and (too_dear is None or code != too_dear.code):
            yield Reason(code=code, sentence=_OF_THE_ORGANISER[code])


_OF_THE_ORGANISER = {
    "over_cap": "The last look ahead saw a price above the parent's limit.",
    "provider_blocked": "The last look ahead found a product that we cannot book.",
    "few_seats": "The last look ahead saw fewer free places than are needed.",
}


def _account_faults(opening: Opening, known: Known) -> Iterator[Fault]:
    row, pause = opening.agreement.registration, known.pause
    failure = known.look.failure if known.look is not None else None
    if failure is not None:
        refused = isinstance(failure, Unauthorised)
        yield Fault(
            matter=Matter.ACCOUNT,
            code="unauthorised" if refused else "account_silent",
            sentence="The organiser's system refuses our keys."
            if refused
            else "The organiser's system gives no answer.",
            remedy=f"Its line below, bookeo.account.{row.org_ref}, says what to do.",
            commands=(AGAIN,),
        )
    if pause is None or pause.put_off(row.scheduled_time, row.scheduled_time) == row.scheduled_time:
        return
    yield Fault(
        matter=Matter.ACCOUNT,
        code="account_paused",
        sentence=f"The organiser's system asked for quiet until {pause.until:%H:%M:%S} UTC, past "
        "the opening.",
        remedy="It is sent by itself when that is over. Other programs at that account may ask "
        "too often: ask the organiser.",
        commands=(AGAIN,),
    )


def _run_faults(opening: Opening, known: Known) -> Iterator[Fault]:
    row = opening.agreement.registration
    if known.fit is Fit.MISSING:
        yield Fault(
            matter=Matter.RUN,
            code="run_missing",
            sentence="It has no run at Temporal, so nothing will wake for it.",
            remedy="Start one, by the words that its parent agreed to.",
            commands=(CONFIRM_AGAIN,),
        )
    elif known.fit is Fit.APART:
        yield Fault(
            matter=Matter.RUN,
            code="run_apart",
            sentence="Its run at Temporal waits for another instant than the database has.",
            remedy="End that run, then start another, by the words that its parent agreed to.",
            commands=(
                "temporal workflow terminate --workflow-id registration-UUID --reason apart",
                CONFIRM_AGAIN,
            ),
        )
    asleep = row.status is RegistrationStatus.PENDING
    if asleep and known.now > row.scheduled_time - TIMING.lead + WAKING:
        yield Fault(
            matter=Matter.RUN,
            code="not_awake",
            sentence="It should be armed by now, and is still pending: nobody woke for it.",
            remedy="Start a worker now. Until an hour after the opening it is still booked.",
            commands=("python worker.py",),
        )


def _lane_faults(opening: Opening, now: datetime) -> Iterator[Fault]:
    row, marker = opening.agreement.registration, opening.marker
    if row.status is not RegistrationStatus.EXECUTING:
        return
    unheld = marker is None and now > row.scheduled_time - TIMING.lead / 2
    if unheld or (marker is not None and marker.lease is not LeaseState.HELD):
        yield Fault(
            matter=Matter.LANE,
            code="no_lane",
            sentence="It is claimed, and no living process holds its lane.",
            remedy="Another takes over within seconds, where one runs.",
            commands=("python worker.py --queue bookings", AGAIN),
        )


def _untold(opening: Opening, known: Known) -> dict[Matter, str]:
    untold: dict[Matter, str] = {}
    if opening.unread is not None:
        untold[Matter.PROFILE] = f"people cannot be read here: {opening.unread}"
    if known.look is None or known.look.in_peace:
        untold[Matter.ACCOUNT] = known.offer.untold or "it was not asked"
    if known.offer.untold is not None:
        untold[Matter.PRODUCT] = known.offer.untold
    if known.fit is None:
        untold[Matter.RUN] = "Temporal did not tell"
    return untold
