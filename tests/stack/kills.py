"""One `kill -9` of the worker that meets registrations at every step of their way."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from temporalio.api.enums.v1 import PendingActivityState
from temporalio.client import Client

from domain.identifiers import registration_workflow_id
from sandbox.simulator.control import LedgerEntry
from tests.stack.parent import SECONDS, Draft, Parent, new_parent
from tests.stack.world import PAY, SEND, World, asked

SLOTS = "GET /v2/availability/slots"
PAUSE = 0.05
STARTED = PendingActivityState.PENDING_ACTIVITY_STATE_STARTED

# Long enough to be killed in, short enough to be over before the next try.
ANSWER_LATE = {"kind": "latency_after_ms", "ms": 30_000}
COMMIT_LATE = {"kind": "latency_before_ms", "ms": 9_000}
NEVER_COMMIT = {"kind": "hang"}
RECEIPT_SOON = {"kind": "latency_after_ms", "ms": 4_000}


@dataclass(frozen=True)
class Kills:
    """The registrations, by where the kill met them."""

    parent: Parent
    asleep: Draft
    in_preflight: Draft
    armed: Draft
    sent: Draft
    """The provider had committed, and had not answered."""
    sending: Draft
    """The provider committed only after the worker was gone."""
    lost: Draft
    """The request was on its way, and the provider never got to it."""
    booked: Draft
    """Between booking and charge: Stripe had the request and had not committed."""
    charged: Draft
    """Stripe had committed and had not answered."""
    paid: Draft
    """Between charge and receipt: the database held the receipt up."""
    at_the_kill: dict[Draft, list[str]]
    """The activities that each was waiting for."""
    ledger: dict[Draft, LedgerEntry]
    """The request that was under way at the provider or at Stripe."""

    @property
    def drafts(self) -> tuple[Draft, ...]:
        return tuple(self.at_the_kill)

    @classmethod
    async def of_one_worker(cls, world: World) -> Self:
        """Set the scene, kill, start the worker again. They end in their own time."""
        parent = await new_parent(world, "dora")
        # Far enough away to sleep still at the kill, also where all before it takes its time.
        asleep = await parent.pending(timedelta(seconds=85))
        await _kill_front_door(world)
        drafts = await asyncio.gather(
            *(parent.draft(timedelta(seconds=seconds)) for seconds in (8, 8, 8, 8, 8, 8, 29, 27))
        )
        sent, sending, lost, booked, charged, paid, armed, in_preflight = drafts
        at_bookeo = {sent: ANSWER_LATE, sending: COMMIT_LATE, lost: NEVER_COMMIT}
        for draft, fault in at_bookeo.items():
            world.bookeo.add_fault(**fault, endpoint=SEND, reference=draft.reference)  # pyright: ignore[reportArgumentType]  # one of the constants above
        at_stripe = {booked: COMMIT_LATE, charged: ANSWER_LATE, paid: RECEIPT_SOON}
        for draft, fault in at_stripe.items():
            world.stripe.add_fault(**fault, endpoint=PAY, reference=draft.fee(1))  # pyright: ignore[reportArgumentType]  # likewise
        await asyncio.gather(*(parent.confirm(draft) for draft in (*at_bookeo, *at_stripe, armed)))
        client = await world.temporal()
        await _until(lambda: _is_at(client, armed, "book"))
        await _until(lambda: _has(world, draft=sent, endpoint=SEND, committed=True))
        rule = world.bookeo.add_fault("hang", endpoint=SLOTS)
        # All at once: what each waits for is over again before long.
        await asyncio.gather(
            parent.confirm(in_preflight),
            _until(lambda: _has(world, draft=sending, endpoint=SEND, committed=False)),
            _until(lambda: _has(world, draft=lost, endpoint=SEND, committed=False)),
            _until(lambda: _has(world, draft=booked, endpoint=PAY, committed=False)),
            _until(lambda: _has(world, draft=charged, endpoint=PAY, committed=True)),
            _until(lambda: _has(world, draft=paid, endpoint=PAY, committed=True)),
            _until(lambda: _applied(world, rule)),
        )
        world.stack.kill("data_api", signal.SIGSTOP)
        try:
            await _until(lambda: _is_past(client, paid, "charge_success_fee"))
            at_the_kill = {draft: await _under_way(client, draft) for draft in (*drafts, asleep)}
            world.stack.kill("worker")
        finally:
            world.stack.kill("data_api", signal.SIGCONT)
        ledger = {
            draft: _requests(world, draft, SEND if draft in at_bookeo else PAY)[0]
            for draft in (*at_bookeo, *at_stripe)
        }
        await asyncio.to_thread(world.stack.restart, "worker")
        return cls(
            parent, asleep, in_preflight, armed, sent, sending, lost, booked, charged, paid,
            at_the_kill, ledger,
        )  # fmt: skip


async def _kill_front_door(world: World) -> None:
    """`kill -9` of the chat server and of the data API, and both again."""
    for name in ("mcp", "data_api"):
        world.stack.kill(name)
    for name in ("data_api", "mcp"):
        await asyncio.to_thread(world.stack.restart, name)


async def _until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(SECONDS):
        while not await condition():  # noqa: ASYNC110 - the other side is another process
            await asyncio.sleep(PAUSE)


async def _has(world: World, *, draft: Draft, endpoint: str, committed: bool) -> bool:
    """Whether the request is there, and is committed or not yet."""
    found = _requests(world, draft, endpoint)
    return bool(found) and (found[0].committed_ms is not None) == committed


def _requests(world: World, draft: Draft, endpoint: str) -> list[LedgerEntry]:
    if endpoint == SEND:
        return asked(world.bookeo.requests(draft.reference), SEND)
    return asked(world.stripe.requests(draft.fee(1)), PAY)


async def _applied(world: World, rule: int) -> bool:
    return any(fault["id"] == rule and fault["applied"] for fault in world.bookeo.faults())


async def _is_at(client: Client, draft: Draft, activity: str) -> bool:
    return activity in await _under_way(client, draft)


async def _is_past(client: Client, draft: Draft, activity: str) -> bool:
    return not await _is_at(client, draft, activity)


async def _under_way(client: Client, draft: Draft) -> list[str]:
    """The activities that a worker has begun and not ended, in their first try."""
    handle = client.get_workflow_handle(registration_workflow_id(draft.id))
    pending = (await handle.describe()).raw_description.pending_activities
    return [one.activity_type.name for one in pending if one.state == STARTED and one.attempt == 1]
