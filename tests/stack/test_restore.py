"""The service is lost while it books, and put back from a backup that it took under load."""

import asyncio
import os
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from sandbox.backup import back_up
from sandbox.probe import wait_until
from sandbox.restore import restore
from sandbox.up import Stack
from tests.stack.command_line import printed, said, starter
from tests.stack.parent import Draft, Parent, new_parent
from tests.stack.world import SEND, World, asked, at_hand

pytestmark = [pytest.mark.full, pytest.mark.timeout(400), pytest.mark.xdist_group("stack")]

OUTSIDE = ("bookeo", "stripe", "issuer", "mail")
"""The programs that stand in for the world: they go on, and know what they know."""
OURS = ("worker", "mcp", "data_api", "temporal", "postgres")
OF_THE_OUTSIDE = ("BOOKEO_", "STRIPE_", "AUTH_ISSUER", "AUTH_JWKS_URL", "SMTP_URL", "MAIL_")
SECONDS = 150


@pytest.fixture(autouse=True)
def promises_kept() -> None:
    """This world is its own, and its service is killed."""


@dataclass(frozen=True)
class Loss:
    """Registrations by where they stood when the backup was taken, and when all was lost."""

    world: World
    parent: Parent
    done: Draft
    """Completed before the backup."""
    loaded: tuple[Draft, ...]
    """Opened while the backup was being taken."""
    between: tuple[Draft, ...]
    """Asleep in the backup, completed before the loss."""
    answerless: Draft
    """Being booked at the loss: the provider had committed, and had not answered."""
    sent: Draft
    """Being booked at the loss: the request was on its way, and the provider never got to it."""
    unopened: Draft
    """Opened after the loss and before the restore."""
    later: Draft
    """Opens after the restore."""
    moved: Draft
    """Moved to an earlier opening after the backup, and completed."""
    draft: Draft
    """A draft in the backup, confirmed after it and completed."""
    lost: Draft
    """Drafted and confirmed after the backup, and completed."""

    @property
    def every(self) -> dict[str, Draft]:
        """Each by the name it has here."""
        many = {"loaded": self.loaded, "between": self.between}
        numbered = {f"{name} {n}": one for name, few in many.items() for n, one in enumerate(few)}
        single = ("done", "answerless", "sent", "unopened", "later", "moved", "draft", "lost")
        return {**numbered, **{name: getattr(self, name) for name in single}}

    def but(self, *names: str) -> dict[str, Draft]:
        return {name: one for name, one in self.every.items() if name not in names}


@pytest.fixture
def lost_world(tmp_path: Path) -> Iterator[World]:
    with Stack(tmp_path / "lost") as stack, at_hand(stack) as world:
        yield world


@pytest.fixture
async def loss(lost_world: World, tmp_path: Path) -> Loss:
    """Everything up to the loss: the outside goes on, all of ours is gone."""
    world = lost_world
    parent = await new_parent(world, "rosa")
    seconds = (12, 18, 19, 20, 26, 27, 28, 28, 60, 130, 900, 40)
    drafts = await asyncio.gather(*(parent.draft(timedelta(seconds=s)) for s in seconds))
    done, *rest = drafts
    loaded, between = tuple(rest[:3]), tuple(rest[3:5])
    answerless, sent, unopened, later, moved, draft = rest[5:]
    world.bookeo.add_fault(
        "latency_after_ms", ms=30_000, endpoint=SEND, reference=answerless.reference
    )
    world.bookeo.add_fault("hang", endpoint=SEND, reference=sent.reference)
    await asyncio.gather(*(parent.confirm(one) for one in drafts if one != draft))
    await parent.until(done, status="completed", fee_status="paid")

    await asyncio.to_thread(back_up, world.stack.data, tmp_path / "backup")

    soon = datetime.now(UTC) + timedelta(seconds=12)
    _open_earlier(world, moved, soon)
    await parent.answer(
        "reschedule_registration", registration_id=str(moved.id), scheduled_time=soon.isoformat()
    )
    await parent.confirm(draft)
    lost = await parent.pending(timedelta(seconds=12))
    completed = (*loaded, *between, moved, draft, lost)
    await asyncio.gather(
        *(parent.until(one, status="completed", fee_status="paid") for one in completed)
    )
    await _under_way(world, answerless, committed=True)
    await _under_way(world, sent, committed=False)
    for name in OURS:
        world.stack.kill(name)
    return Loss(
        world, parent, done, loaded, between, answerless, sent, unopened, later, moved, draft, lost
    )


def _open_earlier(world: World, draft: Draft, opens_at: datetime) -> None:
    """The organiser opens earlier than was announced."""
    ((event, starts_at, ends_at, product),) = world.rows(
        "select p.event_id, p.starts_at, p.ends_at, p.program_ref from programs p join"
        " scheduled_registrations r on r.program_id = p.id where r.id = %s",
        draft.id,
    )
    world.bookeo.put_event(
        product, event, starts_at=starts_at, ends_at=ends_at, opens_at=opens_at, capacity=10
    )


async def _under_way(world: World, draft: Draft, *, committed: bool) -> None:
    async with asyncio.timeout(SECONDS):
        while True:
            sends = asked(world.bookeo.requests(draft.reference), SEND)
            if sends and (sends[0].committed_ms is not None) == committed:
                return
            await asyncio.sleep(0.1)


@pytest.fixture
async def restored(loss: Loss, tmp_path: Path) -> AsyncGenerator[World]:
    """The backup put back into a new folder, and started beside the same outside."""
    await asyncio.to_thread(restore, tmp_path / "restored", tmp_path / "backup")
    outside = {
        name: value for name, value in loss.world.env.items() if name.startswith(OF_THE_OUTSIDE)
    }
    stack = Stack(tmp_path / "restored", without=(*OUTSIDE, "mcp"))
    with mock.patch.dict(os.environ, outside):
        await asyncio.to_thread(stack.start)
    try:
        yield replace(loss.world, stack=stack)
    finally:
        await asyncio.to_thread(stack.stop)


async def test_after_a_restore_nothing_is_booked_or_charged_twice_and_nothing_booked_is_lost(
    loss: Loss, restored: World
) -> None:
    refused = await asyncio.to_thread(starter, restored, "bookings", "resume")
    assert refused.returncode == 1
    assert "starter.py restored" in said(refused)
    tried = await _reckoned(restored, "--dry-run")
    assert not tried["resumed"]
    opened = loss.but("later")
    sends = _sends(restored, opened)
    assert (await _state(restored))["reconciled_at"] is None

    reckoning = await _reckoned(restored)

    assert reckoning["resumed"]
    assert {loss.moved.code, loss.draft.code, loss.unopened.code, loss.sent.code} <= {
        *reckoning["to_look_up"]
    }
    assert loss.later.code not in reckoning["to_look_up"]
    assert _sends(restored, opened) == sends, "something was sent while paused"
    alerts = restored.rows("select kind, registration_id, sentence from alerts order by place")
    (number,) = _live(restored, loss.lost)
    assert {kind for kind, _, _ in alerts} == {"ghost_booking"}
    assert {concerns for _, concerns, _ in alerts} == {loss.draft.id, None}
    (lost,) = (sentence for _, concerns, sentence in alerts if concerns is None)
    assert number in lost
    assert str(loss.lost.id) in lost
    assert {alert["sentence"] for alert in reckoning["alerts"]} == {words for *_, words in alerts}

    again = await asyncio.to_thread(
        starter,
        restored,
        *("confirm", loss.draft.code, "--digest", loss.draft.digest),
        *("--fee-cents", str(loss.draft.fee_cents)),
    )
    assert again.returncode == 0, said(again)
    ours = loss.but("lost")
    # Whether it became so is judged below, where each one's fault is shown.
    await asyncio.to_thread(wait_until, lambda: _ended(restored, ours), SECONDS)
    once = dict.fromkeys(loss.every, 1)
    assert {name: len(_live(restored, one)) for name, one in loss.every.items()} == once
    assert {name: _charged(restored, one) for name, one in loss.every.items()} == once
    assert {name: _stands(restored, one) for name, one in ours.items()} == dict.fromkeys(
        ours, "completed, paid, with the receipt of its booking"
    )
    assert _sends(restored, loss.every) == {**once, "sent": 2}
    assert not restored.bookeo.invariants().violations
    assert not restored.stripe.invariants().violations
    assert (await _state(restored))["bookings_paused_since"] is None
    repeated = await asyncio.to_thread(starter, restored, "restored")
    assert "reconciled_already" in said(repeated)
    verified = await asyncio.to_thread(starter, restored, "audit", "verify", "--all")
    assert verified.returncode == 0, said(verified)


async def _reckoned(world: World, *options: str) -> dict[str, Any]:
    return printed(await asyncio.to_thread(starter, world, "restored", "--json", *options))


async def _state(world: World) -> dict[str, Any]:
    return printed(await asyncio.to_thread(starter, world, "bookings", "status", "--json"))


def _ended(world: World, drafts: dict[str, Draft]) -> bool:
    return all(_stands(world, one).startswith("completed, paid") for one in drafts.values())


def _stands(world: World, draft: Draft) -> str:
    ((status, fee, number, receipt),) = world.rows(
        "select r.status, r.fee_status, r.booking_number, receipt.booking_number"
        " from scheduled_registrations r left join registrations receipt"
        " on receipt.scheduled_registration_id = r.id where r.id = %s",
        draft.id,
    )
    kept = number is not None and number == receipt and [number] == _live(world, draft)
    return f"{status}, {fee}, {'with' if kept else 'without'} the receipt of its booking"


def _sends(world: World, drafts: dict[str, Draft]) -> dict[str, int]:
    return {
        name: len(asked(world.bookeo.requests(one.reference), SEND)) for name, one in drafts.items()
    }


def _live(world: World, draft: Draft) -> list[str]:
    return [one.booking_number for one in world.bookeo.live_bookings(draft.reference)]


def _charged(world: World, draft: Draft) -> int:
    """How many payments took money."""
    intents = world.stripe.get("/_sim/payment_intents", registration_id=str(draft.id))
    return sum(intent["status"] == "succeeded" for intent in intents["payment_intents"])
