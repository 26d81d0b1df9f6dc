"""Looking at a user's own registrations, receipts and audit trails."""

from uuid import UUID

import structlog

from activities.fee_links import FeeLinks
from domain.answers import ProgressAnswer, RegistrationAnswer
from domain.audit import AuditEvent, AuditVerdict, verify_chain
from domain.errors import Conflict, RecordMissing
from domain.field_errors import FieldError
from domain.identifiers import REVOKE, operation_key
from domain.refusals import not_found, refuse
from domain.registrations import Mandate, Receipt, Registration
from domain.states import UNDER_WAY
from front_door.run_updates import RunUpdates
from gateways import Records

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

LIST_LIMIT = 100
"""Rows that a list answers at most."""


class Registrations:
    """One account's registrations. Someone else's look exactly like none."""

    def __init__(self, records: Records, links: FeeLinks, updates: RunUpdates) -> None:
        self._records = records
        self._links = links
        self._updates = updates

    async def own_row(self, user_id: UUID, registration_id: UUID) -> Registration:
        """The row, if it is the user's.

        Raises:
            Refused: `not_found`.
        """
        try:
            row = await self._records.registration(registration_id)
        except RecordMissing as missing:
            raise not_found("registration") from missing
        if row.user_id != user_id:
            raise not_found("registration")
        return row

    async def get(self, user_id: UUID, registration_id: UUID) -> RegistrationAnswer:
        """Where the registration stands, with the page on which its fee is to be approved."""
        return await self._with_link(await self.own_row(user_id, registration_id))

    async def progress(self, user_id: UUID, registration_id: UUID) -> ProgressAnswer:
        """How far a confirmed registration has come, all of it from the database: a program may
        ask for weeks, and no sleeping run is woken for it.

        Raises:
            Refused: `not_found`, also for what was never confirmed.
        """
        row = await self.own_row(user_id, registration_id)
        if row.confirmed_at is None:
            raise not_found("registration")
        events = await self._records.audit_trail(row.id)
        return ProgressAnswer(
            registration=await self._with_link(row),
            confirmed_at=row.confirmed_at,
            changed_at=events[-1].at if events else row.confirmed_at,
        )

    async def _with_link(self, row: Registration) -> RegistrationAnswer:
        url = await self._links.approval(row)
        return self.answer(row).model_copy(update={"fee_action_url": url})

    def answer(self, row: Registration) -> RegistrationAnswer:
        """Where that row stands, with the words that its parent agreed to.

        A parent can look and cancel also while nobody has the key that those are sealed with.
        """
        try:
            words = self._records.words(row)
        except FieldError as unreadable:
            _log.error("summary_unreadable", error=type(unreadable).__name__)
            words = None
        return RegistrationAnswer.of(row, words)

    async def every(self, user_id: UUID) -> list[RegistrationAnswer]:
        """The user's own, latest first, at most LIST_LIMIT."""
        rows = await self._records.registrations(user_id, LIST_LIMIT)
        return [self.answer(row) for row in rows]

    async def receipts(self, user_id: UUID) -> list[Receipt]:
        """The user's own receipts, latest first, at most LIST_LIMIT."""
        return await self._records.receipts(user_id, LIST_LIMIT)

    async def audit_trail(
        self, user_id: UUID, registration_id: UUID
    ) -> tuple[list[AuditEvent], AuditVerdict]:
        """Every event of the registration, with our own verification of the chain."""
        row = await self.own_row(user_id, registration_id)
        events = await self._records.audit_trail(registration_id)
        return events, verify_chain(events, row.audit_head)

    async def revoke_mandate(self, user_id: UUID, registration_id: UUID) -> Mandate:
        """Withdraw the permission: until 2 seconds before the opening, which then passes without a
        booking. Repeating it is no error.

        Raises:
            Refused: `not_found`, `no_mandate`, or `too_late`.
            WorkflowsUnreachable: it is armed, and its run does not answer in time; the same call
                may be repeated.
        """
        await self.own_row(user_id, registration_id)
        key = operation_key(registration_id, REVOKE)
        try:
            return await self._records.revoke_mandate(registration_id, key)
        except RecordMissing as missing:
            raise refuse(
                "no_mandate", "This registration was never confirmed, so nothing is permitted."
            ) from missing
        except Conflict as conflict:
            row = await self.own_row(user_id, registration_id)
            if row.status not in UNDER_WAY:
                raise refuse(
                    "too_late", "Booking has ended, so the permission has been used."
                ) from conflict
        # Armed, so its run must take it back first.
        await self._updates.ask(row, "revoke_mandate")
        return await self._records.revoke_mandate(registration_id, key)
