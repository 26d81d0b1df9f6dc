"""The database, as this service uses it: every write one named function, one transaction."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from pydantic import SecretStr

from domain.attempts import ArmedBy, OpenedAttempt
from domain.audit import AuditEvent, AuditVerdict
from domain.contracts import (
    CancelOrder,
    Claim,
    ClaimOrder,
    OutcomeOrder,
    RescheduleOrder,
    Standing,
)
from domain.programs import FoundProgram, Program, ProviderAccount
from domain.refusals import Reason
from domain.registrations import (
    Agreement,
    Dossier,
    NewDraft,
    Receipt,
    Registration,
)
from gateways.protocols.alerts import AlertRecords
from gateways.protocols.backup_records import BackupRecords
from gateways.protocols.erasure_records import ErasureRecords
from gateways.protocols.fee_records import FeeRecords
from gateways.protocols.field_records import FieldRecords
from gateways.protocols.health import HealthRecords
from gateways.protocols.lane_records import LeaseRecords, PaceRecords
from gateways.protocols.mandate_records import MandateRecords
from gateways.protocols.operator_records import OperatorRecords
from gateways.protocols.outbox import OutboxRecords
from gateways.protocols.people_records import PeopleRecords
from gateways.protocols.recovery_records import RecoveryRecords
from gateways.protocols.review_records import ReviewRecords
from gateways.protocols.service_records import ServiceRecords
from gateways.protocols.subscription_records import SubscriptionRecords
from gateways.protocols.sweeps import SweepRecords
from gateways.protocols.wish_records import WishRecords


class ProgramRecords(Protocol):
    """What can be booked."""

    async def save_provider_account(self, account: ProviderAccount) -> None: ...

    async def provider_accounts(self) -> list[ProviderAccount]:
        """Every account, by provider and organisation."""
        ...

    async def save_program(self, program: Program) -> Program:
        """Create or change the program of that provider, organisation, reference and event."""
        ...

    async def find_programs(
        self, text: str | None, org_ref: str | None, limit: int
    ) -> list[FoundProgram]:
        """Programs that have not begun, soonest opening first; `text` is searched in names."""
        ...

    async def program(
        self, org_ref: str, program_ref: str, event_id: str
    ) -> FoundProgram | None: ...


class RegistrationRecords(Protocol):
    """Registrations. A transition repeated with its operation key returns its first answer.

    Transitions raise `Conflict` when the row is not in the expected state and version.
    """

    async def draft(self, draft: NewDraft) -> Registration: ...

    async def registration(self, registration_id: UUID) -> Registration:
        """Raises RecordMissing when there is none."""
        ...

    async def registrations(self, user_id: UUID, limit: int) -> list[Registration]:
        """The user's own, latest first."""
        ...

    async def all_registrations(self, limit: int, status: str | None) -> list[Registration]:
        """Everybody's, soonest first: for the operator."""
        ...

    async def registration_by_code(self, code: str) -> Registration | None:
        """By `SCH-` or `REG-` code: for the operator."""
        ...

    async def agreement(self, registration_id: UUID) -> Agreement:
        """What most steps read: everything but the people. Needs no key of theirs."""
        ...

    async def dossier(self, registration_id: UUID) -> Dossier:
        """The same with its people."""
        ...

    def words(self, row: Registration) -> str:
        """The words that the parent agreed to, from a row that was read.

        Raises:
            FieldError: they cannot be read with the keys of this program.
        """
        ...

    async def confirm(
        self,
        registration_id: UUID,
        expected_version: int,
        mandate_valid_until: datetime,
        operation_key: str,
        mandate_id: UUID | None = None,
        mandate_token: SecretStr | None = None,
    ) -> Standing:
        """Draft -> pending, with the mandate that covers it: its id, and the same signed.

        Raises:
            RecordRejected: `already_registered`, a child has another live registration;
                `invalid_mandate`, the token is too long.
        """
        ...

    async def reschedule(
        self,
        order: RescheduleOrder,
        mandate_valid_until: datetime | None = None,
        mandate_token: SecretStr | None = None,
    ) -> Standing:
        """Pending, or executing with nothing sent, to pending at another time.

        The mandate then lasts until that instant, signed by that token. Without them it moves by
        as much as the opening, and bears no signature any more.
        """
        ...

    async def cancel(self, order: CancelOrder) -> Standing: ...

    async def claim(self, order: ClaimOrder) -> Claim:
        """Pending -> executing, with rank and send time. Waits while bookings are paused.

        The send time is the first instant, not before the opening, that the account's pace
        allows after those before it in the queue: by opening, then by confirmation. One that
        comes after its time goes to the end of what is already assigned.
        """
        ...

    async def note_problems(
        self, registration_id: UUID, problems: tuple[Reason, ...], operation_key: str
    ) -> None:
        """Record what a preflight found and put a letter in the outbox."""
        ...

    async def record_outcome(self, order: OutcomeOrder) -> Standing: ...

    async def receipts(self, user_id: UUID, limit: int) -> list[Receipt]: ...

    async def all_receipts(self, limit: int) -> list[Receipt]: ...


class AttemptRecords(Protocol):
    """Markers of what may have been sent."""

    async def open_attempt(
        self,
        registration_id: UUID,
        send_at: datetime,
        operation_key: str,
        lease_id: UUID | None = None,
        armed_by: ArmedBy | None = None,
    ) -> OpenedAttempt:
        """Take a fence number and write the marker, in one transaction, before any send.

        The marker belongs to the lease: what is known of an unclosed one follows from it.

        Raises:
            Conflict: the registration is not `executing`.
            BookingsPaused: ask again when they run.
        """
        ...

    async def close_attempt(
        self, registration_id: UUID, fence: int, outcome: str, evidence: str | None
    ) -> None:
        """Close a marker: `released`, `refused` or `nothing_found`. Repeatable."""
        ...


class AuditRecords(Protocol):
    """The audit trail."""

    async def audit_trail(self, registration_id: UUID) -> list[AuditEvent]: ...

    async def verify_audit(self, registration_id: UUID) -> AuditVerdict:
        """The database's own check of the chain."""
        ...


class Records(
    PeopleRecords,
    ProgramRecords,
    RegistrationRecords,
    MandateRecords,
    AttemptRecords,
    FeeRecords,
    LeaseRecords,
    PaceRecords,
    AuditRecords,
    OutboxRecords,
    AlertRecords,
    ReviewRecords,
    SweepRecords,
    WishRecords,
    SubscriptionRecords,
    RecoveryRecords,
    ServiceRecords,
    HealthRecords,
    FieldRecords,
    BackupRecords,
    ErasureRecords,
    OperatorRecords,
    Protocol,
):
    """The whole database. Raises only `domain.errors.RecordsError` and its kin.

    What reads or keeps who somebody is raises FieldError, of that kin, where the keys of this
    program do not do: `profile`, `save_guardian`, `children`, `add_child`, `dossier`, `draft`.
    """

    async def ping(self) -> None:
        """Answer, or raise RecordsUnavailable."""
        ...

    async def aclose(self) -> None: ...
