"""What happens after the opening: to the booking, to the fee, and to what nobody could tell."""

import asyncio
from contextlib import suppress
from datetime import timedelta

from bench.complaint import BenchError
from bench.families import CARD
from bench.provider import credentials
from domain.identifiers import external_ref
from domain.refusals import Refused
from domain.review import ReviewDecision, ReviewRequest
from domain.states import FeeStatus, RegistrationStatus
from domain.sweeps import ProviderNotice
from sandbox.simulator.control import ControlError
from tests.chaos.case import Case, asked
from tests.chaos.evidence import SEND
from tests.chaos.stories import Story, not_decided, not_given_back, not_paid
from tests.chaos.sweeps import (
    IN_A_STORY_S,
    remind,
    sweep_bookings,
    sweep_fees,
    sweep_letters,
    sweep_runs,
)
from tests.chaos.timing import PATIENT

ASKS_FOR_APPROVAL = "authentication_required"
LOST = "drop_before"
BOTH_SENDS = 2
READ_LAG = timedelta(seconds=2)


async def _booked(case: Case) -> bool:
    await case.confirm()
    await case.until(lambda seen: seen.ended)
    seen = case.board.at(case.id)
    return seen is not None and seen.status is RegistrationStatus.COMPLETED


async def _given_back(case: Case) -> None:
    if await _booked(case):
        await case.cancel()


async def _taken_back(case: Case) -> None:
    """The organiser cancels, and its notice comes."""
    if not await _booked(case):
        return
    await asked(lambda: asyncio.to_thread(_cancelled_by_the_organiser, case))
    reference = external_ref(case.id)
    notice = ProviderNotice(reference=reference, read_lag=READ_LAG)
    # A message's id is the provider's; this one names the registration, for its trap.
    await asked(lambda: case.door.notices.take(str(case.id), notice))
    await case.until(lambda seen: seen.status is RegistrationStatus.CANCELLED)


async def _approval_asked(case: Case) -> None:
    """The bank wants a word with the parent, who takes another card in the end."""
    await case.confirm()
    if await case.comes_to(lambda seen: seen.fee_status is FeeStatus.REQUIRES_ACTION):
        with suppress(BenchError):
            await sweep_fees(case.world, str(case.id), IN_A_STORY_S)
        await case.save_card(CARD)
        with suppress(Refused):  # settled already: the answer to an earlier asking was lost
            await case.retry_fee()


async def _decided_by_a_person(case: Case) -> None:
    """Both sends leave no trace, so a person looks."""
    await asked(lambda: asyncio.to_thread(_lose_both_sends, case))
    await case.confirm()
    if await case.comes_to(lambda seen: seen.status is RegistrationStatus.NEEDS_REVIEW):
        nothing = ReviewRequest(
            registration_id=case.id, decision=ReviewDecision.NOT_BOOKED, by="kim"
        )
        await asked(lambda: case.door.reviews.resolve(nothing))


async def _looked_at_again(case: Case) -> None:
    if await _booked(case):
        await sweep_bookings(case.world, str(case.id))


async def _asked_after(case: Case) -> None:
    await case.confirm()
    await sweep_runs(case.world, str(case.id))


async def _letters_tried(case: Case) -> None:
    await case.confirm()
    await sweep_letters(case.world, str(case.id))


async def _reminded(case: Case) -> None:
    await case.confirm()
    await remind(case.world, str(case.id))


def _cancelled_by_the_organiser(case: Case) -> None:
    with case.world.provider.control() as control:
        for booking in control.live_bookings(external_ref(case.id)):
            with suppress(ControlError):  # somebody cancelled it since it was listed
                control.cancel_by_business(
                    booking.booking_number, account_id=credentials(case.account)
                )


def _lose_both_sends(case: Case) -> None:
    with case.world.provider.control() as control:
        control.add_fault(
            LOST, endpoint=SEND, reference=external_ref(case.id), remaining=BOTH_SENDS
        )


GIVEN_BACK = Story("given back once booked", _given_back, undone=not_given_back)
TAKEN_BACK = Story("taken back by the organiser", _taken_back, undone=not_given_back)
APPROVAL_ASKED = Story(
    "fee to be approved",
    _approval_asked,
    card=ASKS_FOR_APPROVAL,
    timing=PATIENT,
    undone=not_paid,
)
DECIDED_BY_A_PERSON = Story(
    "decided by a person", _decided_by_a_person, timing=PATIENT, undone=not_decided
)
LOOKED_AT_AGAIN = Story("looked at again", _looked_at_again)
ASKED_AFTER = Story("asked after while it sleeps", _asked_after)
LETTERS_TRIED = Story("letters looked for while it sleeps", _letters_tried)
REMINDED = Story("reminders looked for while it sleeps", _reminded)
