"""Accounts to be deleted, as the database keeps them."""

from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from domain.erasures import Erasure, ErasureCase, ErasureLetter


class ErasureRecords(Protocol):
    """The wish to be deleted, and the deletion. Every method may be repeated.

    Raises, in every method: RecordMissing, where there is no such account, or no wish.
    """

    async def erasure_case(self, user_id: UUID) -> ErasureCase:
        """The last wish of the account, and what would be in the way."""
        ...

    async def ask_erasure(self, user_id: UUID, grace: timedelta) -> Erasure:
        """The account is to be deleted after that time. A wish that stands is not renewed.

        From now on it drafts and confirms nothing new: RecordRejected, `deletion_asked`.

        Raises:
            Conflict: a registration opens later than that.
        """
        ...

    async def withdraw_erasure(self, user_id: UUID) -> Erasure:
        """The account is kept. Once it is being erased there is no wish to withdraw."""
        ...

    async def due_erasures(self, at: datetime, limit: int) -> tuple[UUID, ...]:
        """Accounts whose time has come by then and that are not erased, longest due first."""
        ...

    async def begin_erasure(self, user_id: UUID) -> Erasure:
        """From here on nothing brings it back. Its tokens mean somebody new, and nothing is kept
        for it any more: RecordMissing.

        Raises:
            Conflict: it is not due, was withdrawn, or something has to end first.
        """
        ...

    async def erase_rows(self, user_id: UUID) -> Erasure:
        """All that is kept of it goes, but for the guardian, to whom one more letter is due.

        Receipts, charges, refunds, mandates and audit trails stay, under ids that lead to nobody.

        Raises:
            Conflict: it has not begun.
        """
        ...

    async def note_erasure_told(self, user_id: UUID, letter: ErasureLetter) -> None:
        """That letter went out, or never will."""
        ...

    async def finish_erasure(self, user_id: UUID) -> Erasure:
        """The guardian goes too.

        Raises:
            Conflict: the rows are not erased yet.
        """
        ...

    async def reapply_erasure(self, erasure: Erasure) -> Erasure | None:
        """What is known elsewhere of a wish, in a database that was put back from a backup.

        Who was erased is erased again at once; what was under way goes on the next night. None
        where the database knows no such account.
        """
        ...
