"""Drafting: what the parent asks for, checked and put in words. Nothing is promised yet."""

from datetime import datetime
from uuid import UUID

from activities.clock import Clock
from domain.answers import DraftAnswer
from domain.consent import opens_too_late
from domain.erasures import DELETION_ASKED
from domain.errors import RecordRejected
from domain.family import Child
from domain.money import SUCCESS_FEE_CENTS, Money
from domain.opening import check_future, opening_instant, zone
from domain.programs import FoundProgram, OpeningSource
from domain.refusals import Reason, Refused, refuse
from domain.registrations import NewDraft
from domain.schedule_request import ScheduleRequest
from domain.summary import draft_digest, draft_summary
from domain.timing import DRAFT_LIFETIME, Timing
from gateways import Records


class Drafts:
    """Drafts of one account at a time."""

    def __init__(self, records: Records, timing: Timing, clock: Clock) -> None:
        self._records = records
        self._timing = timing
        self._clock = clock

    async def schedule(self, user_id: UUID, request: ScheduleRequest) -> DraftAnswer:
        """The draft with its summary and digest.

        Raises:
            Refused: with every reason at once; nothing was written.
        """
        now = self._clock.now()
        found = await self._records.program(request.org_ref, request.program_ref, request.event_id)
        if found is None:
            raise refuse(
                "unknown_program",
                "No such program is known. Take the references from find_programs.",
                "event_id",
            )
        reasons: list[Reason] = []
        opening = None
        try:
            opening = _opening(request, found, now)
        except Refused as refused:
            reasons.extend(refused.reasons)
        children = await self._own_children(user_id, request, reasons)
        reasons.extend(_program_faults(request, found, now))
        if opening is not None and found.program.starts_at > now:
            begun = opens_too_late(opening[0], found.program.starts_at)
            reasons.extend([begun] if begun else [])
        if reasons or opening is None:
            raise Refused(reasons)
        draft = self._in_words(user_id, request, found, children, opening, now)
        try:
            return DraftAnswer.of(await self._records.draft(draft), draft.summary)
        except RecordRejected as rejected:
            if rejected.code == DELETION_ASKED.code:
                raise Refused(DELETION_ASKED) from rejected
            raise refuse(
                rejected.code, "The draft could not be kept: one of its facts changed."
            ) from rejected

    async def _own_children(
        self, user_id: UUID, request: ScheduleRequest, reasons: list[Reason]
    ) -> list[Child]:
        own = {child.id: child for child in await self._records.children(user_id)}
        wanted = list(dict.fromkeys(request.child_ids))
        if len(wanted) != len(request.child_ids):
            reasons.append(
                Reason(
                    code="repeated_child",
                    sentence="The same child is named twice. Name each child once.",
                    field="child_ids",
                )
            )
        if any(child_id not in own for child_id in wanted):
            reasons.append(
                Reason(
                    code="unknown_child",
                    sentence="One of the children is not in your account. See list_children.",
                    field="child_ids",
                )
            )
        return [own[child_id] for child_id in wanted if child_id in own]

    def _in_words(
        self,
        user_id: UUID,
        request: ScheduleRequest,
        found: FoundProgram,
        children: list[Child],
        opening: tuple[datetime, str, OpeningSource],
        now: datetime,
    ) -> NewDraft:
        instant, time_zone, source = opening
        fee = Money(amount_cents=SUCCESS_FEE_CENTS, currency=found.program.currency)
        cap = Money(amount_cents=request.max_total_cents, currency=found.program.currency)
        words = draft_summary(
            found.program,
            found.organisation,
            tuple(child.first_name for child in children),
            instant,
            time_zone,
            source,
            cap,
            fee,
        )
        child_ids = tuple(child.id for child in children)
        return NewDraft(
            user_id=user_id,
            program_id=found.program.id,
            child_ids=child_ids,
            scheduled_time=instant,
            time_zone=time_zone,
            opening_source=source,
            max_total_cents=cap.amount_cents,
            success_fee_cents=fee.amount_cents,
            summary=words,
            summary_digest=draft_digest(
                user_id,
                found.program,
                found.organisation,
                child_ids,
                instant,
                time_zone,
                source,
                cap,
                fee,
            ),
            lapses_at=min(now + DRAFT_LIFETIME, instant + self._timing.late_deadline),
        )


def _opening(
    request: ScheduleRequest, found: FoundProgram, now: datetime
) -> tuple[datetime, str, OpeningSource]:
    program = found.program
    place = zone(request.time_zone).key if request.time_zone else program.time_zone
    if request.scheduled_time is not None:
        instant = opening_instant(request.scheduled_time, request.time_zone)
        return check_future(instant, now), place, OpeningSource.PARENT
    if program.opens_at is None:
        raise refuse(
            "opening_unknown",
            "Nobody knows yet when registration for this program opens. Give the time yourself.",
            "scheduled_time",
        )
    return check_future(program.opens_at, now), place, program.opening_source


def _program_faults(request: ScheduleRequest, found: FoundProgram, now: datetime) -> list[Reason]:
    faults: list[Reason] = []
    if found.program.starts_at <= now:
        faults.append(
            Reason(
                code="already_begun",
                sentence="This program has already begun.",
                field="event_id",
            )
        )
    price = found.program.price_for(len(set(request.child_ids)))
    fee = Money(amount_cents=SUCCESS_FEE_CENTS, currency=price.currency)
    total = price.plus(fee)
    if total.amount_cents > request.max_total_cents:
        faults.append(
            Reason(
                code="over_cap",
                sentence=(
                    f"The program costs {price} and the success fee is {fee}, together {total}: "
                    "more than max_total_cents allows. Raise it, or choose another program."
                ),
                field="max_total_cents",
            )
        )
    return faults
