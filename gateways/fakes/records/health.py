from base64 import urlsafe_b64decode
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import groupby
from uuid import UUID

from pydantic import SecretStr

from domain.frozen import Frozen
from domain.health import (
    AppliedMigration,
    HealthQuestion,
    HealthReport,
    Lot,
    MandateKeyUse,
    Matter,
    Privileges,
)
from domain.payments import ChargeStatus
from domain.registrations import Registration
from domain.states import UNDER_WAY, FailureCode, RegistrationStatus
from gateways.fakes.records.charges import UNPAID
from gateways.fakes.records.mandates import in_use
from gateways.fakes.records.tables import BOOKED, Tables, utc_now

_FAILED_LATELY = {
    FailureCode.MISSED_WINDOW: Matter.MISSED,
    FailureCode.UNAUTHORISED: Matter.LOCKED_OUT,
    FailureCode.MANDATE_INVALID: Matter.LOCKED_OUT,
}

Found = tuple[Matter, Registration, datetime]


class _Header(Frozen):
    kid: str | None = None


class Health(Tables):
    """The database about itself.

    Attributes:
        role: whom the caller is taken for. A knob, as are the next two.
        privileges: what deviates from who may do what.
        applied: the migrations that it is said to have.
    """

    def __init__(self, now: Callable[[], datetime] = utc_now) -> None:
        super().__init__(now)
        self.role = "service_role"
        self.privileges = Privileges()
        self.applied: tuple[AppliedMigration, ...] = ()

    async def health_report(self, question: HealthQuestion) -> HealthReport:
        now = self.now()
        return HealthReport(
            at=now,
            role=self.role,
            privileges=self.privileges,
            applied=self.applied,
            matters=_counted(list(self._matters(question, now)), question.most_codes),
            mandate_keys=tuple(self._keys()),
            at_an_opening=tuple(
                sorted(
                    {
                        row.org_ref
                        for row in self.rows.values()
                        if row.status in UNDER_WAY
                        and abs(row.scheduled_time - now) <= question.at_an_opening
                    }
                )
            ),
        )

    def _matters(self, question: HealthQuestion, now: datetime) -> Iterator[Found]:
        for row in self.rows.values():
            yield from _of_status(row, question, now)
            if row.status is RegistrationStatus.COMPLETED and row.id not in self.issued:
                yield Matter.WITHOUT_RECEIPT, row, row.scheduled_time
            mandate = self.mandates.get(row.id)
            if mandate is not None and mandate.token is None and in_use(row):
                yield Matter.UNSIGNED, row, row.scheduled_time
        yield from self._of_receipts(question, now)
        yield from self._of_attempts_and_charges(question, now)
        for letter in self.outbox.values():
            waits = now - letter.created_at
            if letter.sent_at is None and question.unsent <= waits < question.recent:
                row = self.rows[letter.notification.registration_id]
                yield Matter.UNSENT, row, letter.created_at

    def _of_receipts(self, question: HealthQuestion, now: datetime) -> Iterator[Found]:
        for row_id, receipt in self.issued.items():
            row, issued = self.rows[row_id], receipt.issued_at
            late = receipt.lateness_ms is not None and receipt.lateness_ms > question.late_ms
            if late and issued > now - question.recent:
                yield Matter.LATE, row, issued
            due = row.status is RegistrationStatus.COMPLETED and row.fee_status in UNPAID
            if due and issued <= now - question.fee_due:
                yield Matter.FEE_DUE, row, issued

    def _of_attempts_and_charges(self, question: HealthQuestion, now: datetime) -> Iterator[Found]:
        booked = [
            (self.rows[row_id], attempt.closed_at)
            for row_id, attempts in self.attempts.items()
            for attempt in attempts
            if attempt.outcome == BOOKED
        ]
        for row, closed in booked:
            if row.status in UNDER_WAY and closed is not None and closed <= now - question.stuck:
                yield Matter.UNRECORDED, row, closed
        for row_id, charges in self.charges.items():
            for charge in charges:
                sent = charge.charge.first_sent_at
                if charge.status is ChargeStatus.FROZEN and sent <= now - question.undecided:
                    yield Matter.UNDECIDED, self.rows[row_id], sent

    def _keys(self) -> Iterator[MandateKeyUse]:
        signed = defaultdict[str | None, list[UUID]](list)
        for row_id, mandate in self.mandates.items():
            if mandate.token is not None:
                signed[_key_name(mandate.token)].append(row_id)
        for name in sorted(signed, key=lambda name: name or ""):
            used = [row_id for row_id in signed[name] if in_use(self.rows[row_id])]
            yield MandateKeyUse(
                name=name,
                in_all=len(signed[name]),
                in_use=len(used),
                sample=max(used, key=str, default=None),
            )


def _of_status(row: Registration, question: HealthQuestion, now: datetime) -> Iterator[Found]:
    since = now - row.scheduled_time
    match row.status:
        case RegistrationStatus.PENDING if since >= question.overdue:
            yield Matter.OVERDUE, row, row.scheduled_time
        case RegistrationStatus.EXECUTING if since >= question.stuck:
            yield Matter.STUCK, row, row.scheduled_time
        case RegistrationStatus.NEEDS_REVIEW:
            yield Matter.IN_REVIEW, row, row.scheduled_time
        case RegistrationStatus.FAILED if since < question.recent:
            matter = _FAILED_LATELY.get(row.failure_code) if row.failure_code else None
            if matter is not None:
                yield matter, row, row.scheduled_time
        case _:
            pass


def _counted(found: list[Found], most_codes: int) -> dict[Matter, Lot]:
    lots: dict[Matter, Lot] = {}
    found.sort(key=lambda one: (one[0], one[2], one[1].code))
    for matter, those in groupby(found, key=lambda one: one[0]):
        codes = tuple(dict.fromkeys(row.code for _, row, _ in those))
        lots[matter] = Lot(count=len(codes), codes=codes[:most_codes])
    return lots


def _key_name(token: SecretStr) -> str | None:
    header = token.get_secret_value().split(".")[0]
    try:
        return _Header.model_validate_json(urlsafe_b64decode(header + "=" * (-len(header) % 4))).kid
    except ValueError:
        return None
