"""The service as a whole: whether bookings run, and which backup it was restored from."""

from pydantic import Field

from domain.frozen import Frozen, Instant

MOST_REASON = 500
"""Characters of the reason why bookings are paused."""


class ServiceState(Frozen):
    """The one row of `service_state`."""

    bookings_paused_since: Instant | None = None
    paused_because: str | None = Field(default=None, min_length=1, max_length=MOST_REASON)
    """The operator's words. Nothing personal."""
    backup_taken_at: Instant | None = None
    """Of the last restore: whatever happened after this may be missing."""
    restored_at: Instant | None = None
    """Nothing of the service that was lost was sent after this."""
    reconciled_at: Instant | None = None
    """When what may have happened meanwhile had been looked for."""

    @property
    def paused(self) -> bool:
        """Whether nothing is claimed and nothing sent."""
        return self.bookings_paused_since is not None

    @property
    def unreconciled(self) -> bool:
        """Whether a restore waits for its reconciliation."""
        return self.restored_at is not None and self.reconciled_at is None
