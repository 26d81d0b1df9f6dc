"""The front door's commands in any order, each compared with what a parent may expect."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from domain.answers import DraftAnswer
from domain.cancellation import CancelledBy
from domain.errors import UnknownOutcome
from domain.refusals import Refused
from domain.review import ReviewDecision, ReviewRequest
from domain.states import FeeStatus, RegistrationStatus
from front_door.changes import Changes
from gateways.fakes.payments import CardBehaviour
from tests.model.comparison import compared
from tests.model.expectation import Codes, Expectation, Expected, Fault
from tests.model.family import FULL_SOON, PLACES, ROOMY, FamilyWorld
from tests.workflows.sweeping import sweep_fees
from tests.workflows.time_skipping import time_skipping_server
from tests.workflows.world import card

T = TypeVar("T")

COMMAND_S = 60
"""Within this every command answers, however busy the machine."""

UNPAID_FOR = timedelta(days=29)
"""The model knows nothing of what happens after 30 days, so no story is longer."""

APART = timedelta(minutes=1)

AHEAD = st.sampled_from([timedelta(hours=3), timedelta(days=1), timedelta(days=3)])
PASSES = st.sampled_from([timedelta(hours=1), timedelta(hours=5), timedelta(days=2)])

WHICH = st.integers(0, 11)
"""One of those in question, counted round."""

EVENTS = st.sampled_from([ROOMY, ROOMY, FULL_SOON])
CHILDREN = st.sampled_from([(0,), (1,), (0, 1)])


def some(*so: RegistrationStatus, fee: FeeStatus | None = None) -> Callable[[Any], bool]:
    """Whether any registration stands there: a command for those alone is given only then."""
    return lambda machine: bool(machine.those(*so, fee=fee))


class FrontDoorMachine(RuleBasedStateMachine):
    """One family and its wishes. Whatever it does, the row, the organiser's books, the payments
    and the audit trail say what the model says."""

    def __init__(self) -> None:
        super().__init__()
        self._runner = asyncio.Runner()
        self._open = AsyncExitStack()
        self.place = self._do(self._entered())
        self.model = Expectation(places=dict(PLACES))
        self.drafts: dict[UUID, DraftAnswer] = {}
        self._until = self.place.now + UNPAID_FOR
        self._openings = 0

    def teardown(self) -> None:
        self._do(self._open.aclose())
        self._runner.close()

    # What a parent does

    @initialize(event=EVENTS, which=CHILDREN, ahead=AHEAD)
    def begins(self, event: str, which: tuple[int, ...], ahead: timedelta) -> None:
        self.confirm_one(self.scheduled(event, which, ahead), 1)

    @rule(event=EVENTS, which=CHILDREN, ahead=AHEAD)
    def schedule(self, event: str, which: tuple[int, ...], ahead: timedelta) -> None:
        self.scheduled(event, which, ahead)

    def scheduled(self, event: str, which: tuple[int, ...], ahead: timedelta) -> Expected:
        children = tuple(self.place.children[number] for number in which)
        draft = self._do(self.place.draft(event, children, self._apart(ahead)))
        one = Expected(
            draft.registration_id, event, children, draft.scheduled_time, draft.lapses_at
        )
        self.drafts[one.id], self.model.registrations[one.id] = draft, one
        self._compare()
        return one

    @rule(which=WHICH, times=st.sampled_from([1, 1, 3]))
    def confirm(self, which: int, times: int) -> None:
        self.confirm_one(self._pick(which), times)

    @precondition(some(RegistrationStatus.DRAFT))
    @rule(which=WHICH)
    def confirm_a_draft(self, which: int) -> None:
        self.confirm_one(self._pick(which, RegistrationStatus.DRAFT), 1)

    def confirm_one(self, one: Expected, times: int) -> None:
        draft = self.drafts[one.id]
        words = (one.id, draft.summary_digest, draft.success_fee_cents)
        expected = self.model.confirm(one, self.place.now)
        asked = [self._changes.confirm(self._parent, *words) for _ in range(times)]
        self._told(expected, *asked)
        self._let_pass(timedelta())

    @rule(which=WHICH)
    def confirm_other_words(self, which: int) -> None:
        one = self._pick(which)
        expected = self.model.confirm_wrongly(one, self.place.now)
        self._told(expected, self._changes.confirm(self._parent, one.id, "0" * 64, 1))

    @rule(which=WHICH, ahead=AHEAD)
    def reschedule(self, which: int, ahead: timedelta) -> None:
        one, to = self._pick(which), self.place.now + self._apart(ahead)
        expected = self.model.reschedule(one, to)
        self._told(expected, self._changes.reschedule(self._parent, one.id, to.isoformat(), None))

    @rule(which=WHICH, times=st.sampled_from([1, 2]))
    def cancel(self, which: int, times: int) -> None:
        one = self._pick(which)
        slept = one.status is RegistrationStatus.PENDING
        expected = self.model.cancel(one)
        self._told(expected, *(self._changes.cancel(self._parent, one.id) for _ in range(times)))
        if slept:
            self._do(self.place.is_over(one.id))

    @rule(which=WHICH)
    def revoke_mandate(self, which: int) -> None:
        one, door = self._pick(which), self.place.world.door.registrations
        self._told(self.model.revoke(one), door.revoke_mandate(self._parent, one.id))

    @rule(behaviour=st.sampled_from(CardBehaviour))
    def save_another_card(self, behaviour: CardBehaviour) -> None:
        self.model.card, self.model.card_number = behaviour, self.model.card_number + 1
        self._do(self.place.world.use_card(card(self.model.card_number), behaviour))
        self._compare()

    @precondition(some(RegistrationStatus.COMPLETED, fee=FeeStatus.REQUIRES_ACTION))
    @rule(which=WHICH)
    def approve_the_fee(self, which: int) -> None:
        one = self._pick(which, RegistrationStatus.COMPLETED, fee=FeeStatus.REQUIRES_ACTION)
        payments = self.place.world.payments
        made = [paid for paid in payments.payments if paid.charge.registration_id == one.id]
        intent = made[-1].answered.payment_intent_id
        assert intent is not None
        payments.approve(intent)
        one.approved = True

    @rule(which=WHICH)
    def retry_fee(self, which: int) -> None:
        one = self._pick(which)
        self._told(self.model.retry_fee(one), self._changes.retry_fee(self._parent, one.id))

    # What others do, and time

    @precondition(lambda self: bool(self.those()))
    @rule(which=WHICH)
    def a_stranger_tries_everything(self, which: int) -> None:
        one, door, stranger = self._pick(which), self.place.world.door, self.place.stranger
        draft = self.drafts[one.id]
        later = (self.place.now + timedelta(days=1)).isoformat()
        tries: list[Coroutine[Any, Any, object]] = [
            door.registrations.get(stranger, one.id),
            door.registrations.audit_trail(stranger, one.id),
            door.registrations.revoke_mandate(stranger, one.id),
            self._changes.confirm(stranger, one.id, draft.summary_digest, draft.success_fee_cents),
            self._changes.reschedule(stranger, one.id, later, None),
            self._changes.cancel(stranger, one.id),
            self._changes.retry_fee(stranger, one.id),
        ]
        for attempt in tries:
            assert self._do(codes_of(attempt)) == [{"not_found"}]
        self._compare()

    @precondition(lambda self: self.model.fault is None)
    @rule(fault=st.sampled_from(Fault))
    def the_next_answer_gets_lost(self, fault: Fault) -> None:
        self.model.fault = fault
        made = fault is Fault.ANSWER_LOST
        times = 2 if fault is Fault.BOTH_LOST else 1
        script = self.place.world.provider.script
        script.fail_next("book", UnknownOutcome("reset"), after_commit=made, times=times)

    @precondition(some(RegistrationStatus.COMPLETED))
    @rule(which=WHICH)
    def the_organiser_takes_it_back(self, which: int) -> None:
        one, world = self._pick(which, RegistrationStatus.COMPLETED), self.place.world
        (number,) = world.bookings(one.id)
        world.provider.cancel_from_their_side(number)
        self.model.taken_back(one)
        self._told(set(), self._changes.cancel(self._parent, one.id, CancelledBy.PROVIDER))

    @precondition(some(RegistrationStatus.NEEDS_REVIEW))
    @rule(which=WHICH)
    def an_operator_finds_nothing(self, which: int) -> None:
        one = self._pick(which, RegistrationStatus.NEEDS_REVIEW)
        self.model.resolve_as_not_booked(one)
        nothing = ReviewRequest(
            registration_id=one.id, decision=ReviewDecision.NOT_BOOKED, by="kim"
        )
        self._told(set(), self.place.world.door.reviews.resolve(nothing))
        self._do(self.place.is_over(one.id))

    @rule()
    def fees_are_swept(self) -> None:
        """As the schedule does; what the parent approved meanwhile is found by it."""
        asked = self._do(sweep_fees(self.place.world)).asked
        if asked:
            self.model.look_at_fees()
            for one in self.those(RegistrationStatus.COMPLETED):
                self._do(self.place.fee_is(one.id, one.fee))
        self._compare()

    @rule(passes=PASSES)
    def time_passes(self, passes: timedelta) -> None:
        if self.place.now + passes < self._until:
            self._let_pass(passes)

    @precondition(some(RegistrationStatus.PENDING))
    @rule()
    def the_next_opening_comes(self) -> None:
        due = self.model.due_by(self._until)
        if due:
            self._let_pass(due[0].opens - self.place.now)

    # How it is compared

    def those(self, *so: RegistrationStatus, fee: FeeStatus | None = None) -> list[Expected]:
        """The registrations that stand there; without a status, all."""
        return [
            one
            for one in self.model.registrations.values()
            if (not so or one.status in so) and fee in (None, one.fee)
        ]

    def _apart(self, ahead: timedelta) -> timedelta:
        """No two openings come at once: who gets the last place would be a matter of luck."""
        self._openings += 1
        return ahead + self._openings * APART

    def _pick(self, which: int, *so: RegistrationStatus, fee: FeeStatus | None = None) -> Expected:
        those = self.those(*so, fee=fee)
        return those[which % len(those)]

    @property
    def _changes(self) -> Changes:
        return self.place.world.door.changes

    @property
    def _parent(self) -> UUID:
        return self.place.world.user

    def _let_pass(self, passes: timedelta) -> None:
        """Come to every opening until then, one by one."""
        until = self.place.now + passes
        while due := self.model.due_by(until):
            one = due[0]
            self.model.open(one)
            self._do(self.place.world.until(max(one.opens, self.place.now)))
            self._do(self.place.has_opened(one.id))
            if one.status is RegistrationStatus.FAILED or one.fee is FeeStatus.PAID:
                self._do(self.place.is_over(one.id))
        self._do(self.place.world.until(until))
        self._compare()

    def _told(self, expected: Codes, *asked: Coroutine[Any, Any, object]) -> None:
        """Ask all at once; each gets the same answer."""
        assert self._do(codes_of(*asked)) == [expected] * len(asked)
        self._compare()

    def _compare(self) -> None:
        self._do(compared(self.place, self.model))

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(asyncio.wait_for(work, COMMAND_S))

    async def _entered(self) -> FamilyWorld:
        env = await self._open.enter_async_context(time_skipping_server())
        place = await FamilyWorld.build(env)
        await self._open.enter_async_context(place.world.served())
        return place


async def codes_of(*asked: Awaitable[object]) -> list[Codes]:
    """Ask all at once; why each is refused, or nothing."""
    return list(await asyncio.gather(*map(_codes, asked)))


async def _codes(asked: Awaitable[object]) -> Codes:
    try:
        await asked
    except Refused as refused:
        return {reason.code for reason in refused.reasons}
    return set()
