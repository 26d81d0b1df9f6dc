"""Payments to be recovered, and the letters about them."""

from datetime import timedelta
from typing import Protocol
from uuid import UUID

from domain.grace_period import GraceCheck
from domain.payment_recovery import Ending, LetterClaim, LetterOrder, Recovery


class RecoveryRecords(Protocol):
    """Payments that failed: until when they are waited for, and how that ended."""

    async def open_recovery(self, recovery: Recovery) -> Recovery:
        """A payment is to be recovered; the first grace stays.

        One that ended because nobody wanted the subscription any more is opened again.
        """
        ...

    async def end_recovery(self, invoice_id: str, ending: Ending) -> None:
        """It is settled; the first ending stays. Nothing changes where none was opened."""
        ...

    async def recovery(self, invoice_id: str) -> Recovery | None: ...

    async def open_recoveries(self, user_id: UUID) -> tuple[Recovery, ...]:
        """The account's that have not ended, oldest first."""
        ...

    async def recoveries_of(self, user_id: UUID) -> tuple[Recovery, ...]:
        """All of the account's, ended or not, oldest first."""
        ...

    async def claim_letter(self, order: LetterOrder, holder: str, lasts: timedelta) -> LetterClaim:
        """Before the letter is sent: each kind about an invoice is sent by one holder at a time.

        A claim of somebody who neither sent it nor came again is over after so long.
        """
        ...

    async def letter_done(self, order: LetterOrder, *, sent: bool) -> None:
        """It was sent, or refused for good. Repeatable."""
        ...

    async def overdue_recoveries(self, check: GraceCheck) -> tuple[Recovery, ...]:
        """Everybody's whose grace was over when the check was due, and that have not ended.

        Longest overdue first. Without `due` it is due now, here and below.
        """
        ...

    async def stale_subscriptions(self, check: GraceCheck) -> tuple[UUID, ...]:
        """Whose period, or page to subscribe on, is over without a word, longest over first."""
        ...
