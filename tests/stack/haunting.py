"""Two registrations whose bookings do not stay as they were recorded."""

import asyncio
import hashlib
import hmac
import json
import os
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Self
from unittest import mock
from uuid import uuid4

import httpx

from connection import open_gateways
from domain.sweeps import BookingSweep, LookReport
from domain.timing import Timing
from sandbox.probe import wait_until
from starter import FrontDoor
from tests.stack.command_line import operators_environment
from tests.stack.parent import SECONDS, TLS, Draft, Parent, new_parent
from tests.stack.world import SEND, World
from workflows.jobs.sweep_bookings import SweepBookings
from workflows.queues import MAINTENANCE

OPENS_IN = timedelta(seconds=4)
QUIET = Timing(quiet_period=timedelta(seconds=1))
GHOST_AFTER_MS = 4_000
"""Past the quiet period and the send that follows it."""

AT_ONCE = BookingSweep(
    delays=(timedelta(),),
    per_account=10_000,
    away_from_openings=timedelta(),
    read_lag=timedelta(milliseconds=100),
)
"""Whatever has ended is looked at now. The other stories' openings need no peace here."""


@dataclass(frozen=True)
class Haunting:
    """Both were completed, and then the provider went its own ways."""

    parent: Parent
    haunted: Draft
    """Its first request was answered with 504, and committed after the second was booked."""
    live_before: list[str]
    """Live bookings under its reference before the sweep."""
    swept: LookReport
    withdrawn: Draft
    """The business cancelled its booking, and a webhook told."""

    @classmethod
    async def played(cls, world: World) -> Self:
        parent = await new_parent(world, "hana")
        haunted, withdrawn = await asyncio.gather(parent.draft(OPENS_IN), parent.draft(OPENS_IN))
        world.bookeo.add_fault(
            "delayed_commit",
            endpoint=SEND,
            reference=haunted.reference,
            remaining=1,
            after_ms=GHOST_AFTER_MS,
        )
        await parent.confirm(withdrawn)
        await confirm_with(world, parent, haunted, QUIET)
        booked = await parent.until(withdrawn, status="completed")
        # Only what is heard is to tell of it.
        with world.superuser() as database:
            database.execute(
                "update looks set not_before = now() + interval '1 h' where registration_id = %s",
                (withdrawn.id,),
            )
        async with _heard(world):
            world.bookeo.cancel_by_business(booked["booking_number"])
        await parent.until(haunted, status="completed")
        await asyncio.to_thread(wait_until, lambda: len(_live(world, haunted)) > 1, SECONDS)
        before = _live(world, haunted)
        return cls(parent, haunted, before, await sweep(world), withdrawn)


async def sweep(world: World) -> LookReport:
    """One run of the sweep over everything that has ended."""
    client = await world.temporal()
    return await client.execute_workflow(
        SweepBookings.run, AT_ONCE, id=f"sweep-{uuid4()}", task_queue=MAINTENANCE
    )


async def confirm_with(world: World, parent: Parent, draft: Draft, timing: Timing) -> None:
    """As the chat does, but in less time than a parent has."""
    ((user_id,),) = world.rows(
        "select user_id from scheduled_registrations where id = %s", draft.id
    )
    with mock.patch.dict(os.environ, operators_environment(world), clear=True):
        async with open_gateways() as gateways:
            door = FrontDoor.over(await world.temporal(), gateways, "http://127.0.0.1", timing)
            await door.changes.confirm(user_id, draft.id, draft.digest, draft.fee_cents)
    assert (await parent.look(draft))["status"] in ("pending", "executing")


def _live(world: World, draft: Draft) -> list[str]:
    return [one.booking_number for one in world.bookeo.live_bookings(draft.reference)]


@asynccontextmanager
async def _heard(world: World) -> AsyncGenerator[None]:
    """Bookeo tells of cancellations meanwhile, as docs/operations.md has it told to."""
    hook = {"url": world.env["BOOKEO_WEBHOOK_URL"], "domain": "bookings", "type": "deleted"}
    keys = {
        "X-Bookeo-secretKey": world.env["BOOKEO_SECRET_KEY"],
        "X-Bookeo-apiKey": world.env["BOOKEO_API_KEY"],
    }
    webhooks = f"{world.env['BOOKEO_API_BASE']}/webhooks"
    async with httpx.AsyncClient(verify=TLS, headers=keys) as http:
        made = await http.post(webhooks, json=hook)
        assert made.status_code == httpx.codes.CREATED, made.text
        yield
        await http.delete(f"{webhooks}/{made.json()['id']}")


async def tell(
    world: World, number: str, message_id: str, *, age_s: float = 0, key: str | None = None
) -> int:
    """Post a message as Bookeo would, or as somebody else would; the status of the answer."""
    body = json.dumps({"itemId": number, "item": {}}).encode()
    stamp, url = str(int((time.time() - age_s) * 1000)), world.env["BOOKEO_WEBHOOK_URL"]
    secret = (key or world.env["BOOKEO_SECRET_KEY"]).encode()
    signed = f"{stamp}{message_id}{url}".encode() + body
    headers = {
        "X-Bookeo-Timestamp": stamp,
        "X-Bookeo-MessageId": message_id,
        "X-Bookeo-Signature": hmac.new(secret, signed, hashlib.sha256).hexdigest(),
    }
    async with httpx.AsyncClient(verify=TLS) as http:
        return (await http.post(url, content=body, headers=headers)).status_code
