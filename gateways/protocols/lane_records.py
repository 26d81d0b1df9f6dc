"""What the processes that hold armed bookings know of each other, and of the accounts they ask."""

from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from domain.attempts import LeaseRenewal, Orphan
from domain.pacing import AccountPause, Pause


class LeaseRecords(Protocol):
    """What shows that a process with armed bookings is alive."""

    async def renew_lease(self, lease_id: UUID, ttl: timedelta) -> LeaseRenewal:
        """Hold the lease for `ttl` from now, by the database's clock; made on first sight."""
        ...

    async def end_lease(self, lease_id: UUID) -> None:
        """Let it lapse now: nothing is armed under it. Repeatable, also where it never was."""
        ...

    async def orphans(self) -> tuple[Orphan, ...]:
        """Open markers of executing registrations, the latest of each, whose process is gone.

        Its lease lapsed ORPHANED_AFTER ago or longer, and was not ended.
        """
        ...

    async def unmarked(self, since: timedelta, limit: int) -> tuple[UUID, ...]:
        """Executing registrations that have had no open marker for `since`, at most `limit`.

        Those whose marker was closed as booked or refused are past it and not named. The first
        to be sent come first.
        """
        ...

    async def ask_release(self, registration_id: UUID) -> None:
        """Have the process that armed it give it back unsent; its next renewal hears of it.

        The wish ends with the registration's next change, claim or attempt. Repeatable; of a
        registration that is not executing, nothing is kept.
        """
        ...


class PaceRecords(Protocol):
    """What the registrations of one instant, or of one account, know of each other."""

    async def sharing(self, scheduled_time: datetime) -> int:
        """How many registrations are pending or executing for that instant, of every account."""
        ...

    async def pause_account(self, provider: str, org_ref: str, pause: Pause) -> Pause:
        """Put the account off; the pause that then stands.

        One that still runs is widened to the earlier `since` and the later `until`.

        Raises:
            RecordMissing: no such account.
        """
        ...

    async def account_pauses(self) -> tuple[AccountPause, ...]:
        """Of every account the latest pause, unless it has been over for ten minutes.

        What it put off is still being sent for a while after its end.
        """
        ...
