"""Which accounts are to be deleted, and what that forbids."""

from datetime import datetime
from uuid import UUID

from domain.erasures import Erasure
from domain.errors import RecordMissing, RecordRejected


class Accounts:
    """The wishes to be deleted, by user."""

    def __init__(self) -> None:
        self.erasures: dict[UUID, Erasure] = {}

    def is_erased(self, user_id: UUID) -> bool:
        """Whether the account is erased, or being erased."""
        kept = self.erasures.get(user_id)
        return kept is not None and kept.began_at is not None

    def expect_kept(self, user_id: UUID) -> None:
        """Raises RecordMissing: nobody gets into the account any more."""
        if self.is_erased(user_id):
            raise RecordMissing("there is no such user")

    def expect_plans(self, user_id: UUID, moved_to: datetime | None = None) -> None:
        """Whether the account may plan something new, or move what it has to then.

        Raises:
            RecordMissing: nobody gets into it any more.
            RecordRejected: `deletion_asked`.
        """
        self.expect_kept(user_id)
        kept = self.erasures.get(user_id)
        if kept is not None and kept.open and (moved_to is None or moved_to > kept.due_at):
            raise RecordRejected("deletion_asked", "the account is to be deleted")
