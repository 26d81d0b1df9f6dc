"""The measurement: many families, one program, one opening."""

import asyncio
import os
import time
from collections.abc import Awaitable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from uuid import UUID, uuid4

from bench.complaint import BenchError
from bench.families import Family, save_families
from bench.figures import Booking, Found, Machine
from domain.answers import DraftAnswer
from domain.identifiers import external_ref
from domain.programs import Program
from domain.registrations import Receipt, Registration
from domain.schedule_request import ScheduleRequest
from domain.states import RegistrationStatus
from domain.timing import Timing
from sandbox.bookeo.control import BookeoControl
from sandbox.catalogue import SWIM, TIME_ZONE, Listing
from sandbox.seed import seed
from sandbox.up import Stack
from starter import FrontDoor, open_front_door

BOOK = "POST /v2/bookings"
ENOUGH_CENTS = 100_000
UNDER_WAY = {RegistrationStatus.PENDING, RegistrationStatus.EXECUTING}

AT_ONCE = 4
"""Drafts and confirmations in flight: preparing is not what is measured."""
SECONDS_TO_CONFIRM_ONE = 0.5
SPARE = timedelta(seconds=15)
WAIT_SECONDS = 300
"""How long after the opening the last receipt may be written."""

T = TypeVar("T")


def measure(folder: Path, registrations: int) -> Found:
    """Start everything in the folder, and book so many registrations at one instant.

    Raises:
        BenchError: the machine was too slow to confirm them all in time.
        SandboxError: the sandbox did not start.
    """
    machine = Machine.here()
    with Stack(folder) as stack:
        os.environ.update(stack.env)
        return asyncio.run(_measure(registrations, machine))


async def _measure(registrations: int, machine: Machine) -> Found:
    async with open_front_door() as door:
        families = await save_families(door, registrations)
        opening = _opening(registrations)
        program = _program(opening)
        await asyncio.to_thread(seed, os.environ, [Listing(SWIM, program, registrations)])
        began = time.monotonic()
        drafts = await _in_turns(_confirmed(door, family, program) for family in families)
        confirmed_in = time.monotonic() - began
        if datetime.now(UTC) > opening - Timing().lead:
            raise BenchError(
                f"Confirming took {confirmed_in:.0f} s, longer than planned, so bookings would be "
                "late for another reason than the one measured. Run it on an idle machine."
            )
        ids = [draft.registration_id for draft in drafts]
        await _ended(door, ids, opening)
        return Found(
            registrations=registrations,
            opening=opening,
            machine=machine,
            confirmed_in_s=round(confirmed_in, 1),
            bookings=await _bookings(door, ids, opening),
        )


def _opening(registrations: int) -> datetime:
    ready = timedelta(seconds=SECONDS_TO_CONFIRM_ONE * registrations) + SPARE
    return (datetime.now(UTC) + ready + Timing().lead).replace(microsecond=0)


def _program(opening: datetime) -> Program:
    starts = opening + timedelta(days=30)
    return Program(
        id=uuid4(),
        provider=SWIM.account.provider,
        org_ref=SWIM.account.org_ref,
        program_ref="swim-bench",
        event_id=f"swim-bench-{uuid4().hex[:8]}",
        name="Swimming",
        starts_at=starts,
        ends_at=starts + timedelta(hours=1),
        time_zone=TIME_ZONE,
        opens_at=opening,
        price_cents=12_500,
    )


async def _confirmed(door: FrontDoor, family: Family, program: Program) -> DraftAnswer:
    draft = await door.drafts.schedule(
        family.user_id,
        ScheduleRequest(
            org_ref=program.org_ref,
            program_ref=program.program_ref,
            event_id=program.event_id,
            child_ids=(family.child_id,),
            max_total_cents=ENOUGH_CENTS,
        ),
    )
    await door.changes.confirm(
        family.user_id, draft.registration_id, draft.summary_digest, draft.success_fee_cents
    )
    return draft


async def _in_turns(work: Iterable[Awaitable[T]]) -> list[T]:
    turns = asyncio.Semaphore(AT_ONCE)

    async def in_turn(one: Awaitable[T]) -> T:
        async with turns:
            return await one

    return await asyncio.gather(*(in_turn(one) for one in work))


async def _ended(door: FrontDoor, ids: Sequence[UUID], opening: datetime) -> None:
    """Wait until none is under way. Nobody asks while the bookings are sent."""
    await asyncio.sleep((opening - datetime.now(UTC)).total_seconds() + 1)
    deadline = time.monotonic() + WAIT_SECONDS
    while any(row.status in UNDER_WAY for row in await _rows(door, ids)):
        if time.monotonic() > deadline:
            return
        await asyncio.sleep(0.5)


async def _rows(door: FrontDoor, ids: Sequence[UUID]) -> list[Registration]:
    wanted = set(ids)
    rows = await door.records.all_registrations(len(ids), None)
    return [row for row in rows if row.id in wanted]


async def _bookings(door: FrontDoor, ids: Sequence[UUID], opening: datetime) -> tuple[Booking, ...]:
    receipts = {
        receipt.scheduled_registration_id: receipt
        for receipt in await door.records.all_receipts(len(ids))
    }
    rows = await _rows(door, ids)
    return await asyncio.to_thread(_beside_the_ledger, rows, receipts, opening)


def _beside_the_ledger(
    rows: Sequence[Registration], receipts: dict[UUID, Receipt], opening: datetime
) -> tuple[Booking, ...]:
    opening_ms = opening.timestamp() * 1_000
    url, token = os.environ["BOOKEO_SIM_CONTROL_URL"], os.environ["BOOKEO_SIM_CONTROL_TOKEN"]
    arrivals: dict[str, list[float]] = {}
    with BookeoControl(url, token) as control:
        for entry in control.requests():
            if entry.endpoint == BOOK and entry.reference is not None:
                arrivals.setdefault(entry.reference, []).append(entry.arrived_ms - opening_ms)
        live = [booking.external_ref for booking in control.bookings() if not booking.canceled]
    return tuple(
        Booking(
            status=row.status.value,
            fee_status=row.fee_status.value,
            requests=len(found := arrivals.get(external_ref(row.id), [])),
            bookings=live.count(external_ref(row.id)),
            arrived_ms=round(min(found), 3) if found else None,
            lateness_ms=row.lateness_ms,
            queue_delay_ms=row.queue_delay_ms,
            receipt_ms=_since(opening, receipts.get(row.id)),
        )
        for row in rows
    )


def _since(opening: datetime, receipt: Receipt | None) -> float | None:
    if receipt is None:
        return None
    return round((receipt.issued_at - opening) / timedelta(milliseconds=1), 3)
