"""What the outside holds of each registration: the simulators' ledgers, and the rows by SQL."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import httpx
import psycopg
from psycopg.rows import namedtuple_row
from temporalio.client import WorkflowExecutionStatus

from bench.world import World
from domain.identifiers import external_ref, registration_workflow_id
from domain.mail import letter_id
from sandbox.bookeo.control import BookingRecord
from sandbox.simulator.control import LedgerEntry, SimulatorControl
from tests.chaos.traps import registration_of

COMPLETED = WorkflowExecutionStatus.COMPLETED

SEND = "POST /v2/bookings"
GIVE_BACK = "DELETE /v2/bookings/{number}"

ROWS = """
select s.id, s.code, s.status, s.fee_status, s.booking_number, s.failure_code, s.scheduled_time,
  (public.verify_audit(s.id))->>'problem' as audit_problem,
  r.booking_number as receipt_number,
  (select count(*) from public.booking_attempts a
    where a.registration_id = s.id and a.closed_at is null) as open_markers,
  (select count(*) from public.booking_attempts a
    where a.registration_id = s.id and a.outcome = 'nothing_found') as untraced,
  (select count(*) from public.charges c
    where c.registration_id = s.id and c.status = 'frozen') as undecided,
  m.revoked_at,
  (select min(a.opened_at) from public.booking_attempts a
    where a.registration_id = s.id) as first_marker,
  (select max(a.opened_at) from public.booking_attempts a
    where a.registration_id = s.id) as last_marker,
  (select coalesce(jsonb_agg(jsonb_build_array(
      1000 * extract(epoch from e.at),
      1000 * extract(epoch from (e.detail ->> 'from')::timestamptz)) order by e.seq), '[]')
    from public.audit_events e
    where e.registration_id = s.id and e.kind = 'rescheduled') as moves
from public.scheduled_registrations s
left join public.mandates m on m.id = s.mandate_id
left join public.registrations r on r.scheduled_registration_id = s.id
where s.id = any(%s)
"""

ALERTS = """
select registration_id, kind from public.alerts where registration_id = any(%s)
"""

LETTERS = """
select id, registration_id, kind, period, sent_at is not null as sent from public.notifications
where registration_id = any(%s)
"""


class Row(NamedTuple):
    """What the database says of one."""

    id: UUID
    code: str
    status: str
    fee_status: str
    booking_number: str | None
    failure_code: str | None
    scheduled_time: datetime
    audit_problem: str | None
    receipt_number: str | None
    open_markers: int
    untraced: int
    undecided: int
    withdrawn_at: datetime | None
    first_marker: datetime | None = None
    last_marker: datetime | None = None
    """When the first and the last attempt to book opened its marker."""
    moves: Sequence[tuple[float, float]] = ()
    """When its opening was moved, and which it had until then; both in epoch milliseconds."""


class Charge(NamedTuple):
    """Money that was taken and not given back."""

    intent: str
    cents: int
    at: int
    """Unix seconds."""


class Letter(NamedTuple):
    """A row of the outbox."""

    id: UUID
    kind: str
    sent: bool
    caught: int
    """How often the mail catcher got it: a repeat bears the same Message-ID."""


@dataclass(frozen=True)
class Evidence:
    """Of one registration."""

    row: Row
    requests: tuple[LedgerEntry, ...]
    """What was asked of the organiser about this one booking."""
    bookings: tuple[BookingRecord, ...]
    charges: tuple[Charge, ...]
    letters: tuple[Letter, ...]
    runs: tuple[WorkflowExecutionStatus | None, ...]
    """Of its own workflow."""
    others: tuple[str, ...] = ()
    """Runs of other workflows about it that did not come to a good end."""
    alerts: frozenset[str] = frozenset()
    """The kinds of those that were raised."""

    def opening_ms(self, at_ms: float) -> float:
        """The opening that it had at that time; both in epoch milliseconds."""
        for moved_ms, until_then_ms in self.row.moves:
            if at_ms < moved_ms:
                return until_then_ms
        return self.row.scheduled_time.timestamp() * 1000

    @property
    def sends(self) -> list[LedgerEntry]:
        """The requests to book."""
        return [entry for entry in self.requests if entry.endpoint == SEND]

    @property
    def given_back(self) -> set[str]:
        """Numbers of the bookings that we cancelled ourselves."""
        return {_number(one) for one in self._back_requests if one.committed_ms is not None}

    @property
    def asked_back(self) -> set[str]:
        """Numbers of those that we set about to cancel; the organiser may have been first."""
        return {_number(one) for one in self._back_requests}

    @property
    def _back_requests(self) -> list[LedgerEntry]:
        return [entry for entry in self.requests if entry.endpoint == GIVE_BACK]

    @property
    def live(self) -> list[BookingRecord]:
        """The bookings under its reference that stand."""
        return [booking for booking in self.bookings if not booking.canceled]


def _number(entry: LedgerEntry) -> str:
    return entry.path.rpartition("/")[2]


@dataclass(frozen=True)
class Findings:
    """Of a whole run."""

    registrations: Mapping[UUID, Evidence]
    broken_promises: tuple[str, ...]
    """What the simulators themselves find broken, in their words."""
    strangers: tuple[str, ...] = field(default=())
    """Message-IDs of letters that no row of the outbox accounts for."""


async def gather(world: World, database: psycopg.Connection, ids: Collection[UUID]) -> Findings:
    """Everything there is to know of them now."""
    runs: defaultdict[str, list[WorkflowExecutionStatus | None]] = defaultdict(list)
    others: defaultdict[UUID, list[str]] = defaultdict(list)
    async for run in world.door.temporal.list_workflows():
        runs[run.id].append(run.status)
        about = registration_of(run.id)
        if about and run.id != registration_workflow_id(about) and run.status is not COMPLETED:
            others[about].append(f"{run.id} is {run.status.name.lower() if run.status else '?'}")
    return await asyncio.to_thread(_gather, world, database, list(ids), runs, others)


def _gather(
    world: World,
    database: psycopg.Connection,
    ids: list[UUID],
    runs: Mapping[str, list[WorkflowExecutionStatus | None]],
    others: Mapping[UUID, list[str]],
) -> Findings:
    caught: defaultdict[str, int] = defaultdict(int)
    for mail in httpx.get(f"{world.stack.env['MAIL_CATCHER_URL']}/mails", timeout=60).json():
        caught[mail["message_id"]] += 1
    letters = _letters(database, ids, caught)
    alerts: defaultdict[UUID, set[str]] = defaultdict(set)
    for registration, kind in database.execute(ALERTS, [ids]):
        alerts[registration].add(kind)
    env = world.stack.env
    with (
        world.provider.control() as bookeo,
        SimulatorControl(env["STRIPE_SIM_CONTROL_URL"], env["STRIPE_SIM_CONTROL_TOKEN"]) as stripe,
    ):
        bookings: defaultdict[str, list[BookingRecord]] = defaultdict(list)
        for booking in bookeo.bookings():
            bookings[booking.external_ref or ""].append(booking)
        requests = {one: tuple(bookeo.requests(external_ref(one))) for one in ids}
        charges = _charges(stripe)
        broken = (*bookeo.invariants().violations, *stripe.invariants().violations)
    with database.cursor(row_factory=namedtuple_row) as cursor:
        rows = [Row(*row) for row in cursor.execute(ROWS, [ids]).fetchall()]
        known = cursor.execute("select kind, registration_id, period from public.notifications")
        ours = {letter_id(*row) for row in known.fetchall()}
    found = {
        row.id: Evidence(
            row=row,
            requests=requests[row.id],
            bookings=tuple(bookings[external_ref(row.id)]),
            charges=tuple(charges[str(row.id)]),
            letters=tuple(letters[row.id]),
            runs=tuple(runs.get(registration_workflow_id(row.id), ())),
            others=tuple(others.get(row.id, ())),
            alerts=frozenset(alerts[row.id]),
        )
        for row in rows
    }
    return Findings(found, broken, tuple(sorted(caught.keys() - ours)))


def _charges(stripe: SimulatorControl) -> defaultdict[str, list[Charge]]:
    back: defaultdict[str, int] = defaultdict(int)
    for refund in stripe.get("/_sim/refunds")["refunds"]:
        back[refund["payment_intent"]] += refund["amount"]
    found: defaultdict[str, list[Charge]] = defaultdict(list)
    for intent in stripe.get("/_sim/payment_intents")["payment_intents"]:
        kept = intent["amount_received"] - back[intent["id"]]
        if kept > 0:
            registration = intent["metadata"].get("registration_id", "")
            found[registration].append(Charge(intent["id"], kept, intent["created"]))
    return found


def _letters(
    database: psycopg.Connection, ids: list[UUID], caught: Mapping[str, int]
) -> defaultdict[UUID, list[Letter]]:
    found: defaultdict[UUID, list[Letter]] = defaultdict(list)
    for number, registration, kind, period, sent in database.execute(LETTERS, [ids]):
        times = caught.get(letter_id(kind, registration, period), 0)
        found[registration].append(Letter(number, kind, sent, times))
    return found
