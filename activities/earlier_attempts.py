"""Attempts that died before they said what they did."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

from activities.clock import Clock
from activities.reconcile import Found
from domain.attempts import LeaseState, Marker, OpenedAttempt
from domain.contracts import BookOrder
from domain.errors import Conflict, Unavailable
from gateways import Records

Reconcile = Callable[[datetime, datetime], Awaitable[Found | None]]

LONGEST_CALL = timedelta(seconds=30)
"""Above the client's longest call and the longest pause between two tries: past the opening's grace
by this, an attempt that still lives sends nothing more. Its process may hold the lease for other
bookings long after, so then the marker is judged all the same."""


LISTED_BY_THEN = timedelta(minutes=10)
"""What was sent so long ago, by a process that certainly is no more, the provider lists if it was
made. Only after a restore is that known: then a marker has no lease."""


class EarlierAttempts:
    """The unclosed markers that a new attempt found.

    Args of construction:
        lease_id: this process's own lease. Of its own earlier attempts none is alive any more.
    """

    def __init__(
        self,
        order: BookOrder,
        opened: OpenedAttempt,
        records: Records,
        clock: Clock,
        lease_id: UUID,
    ) -> None:
        self._order = order
        self._records = records
        self._unclosed = opened.unclosed
        self._lease_id = lease_id
        self._met_at = clock.now()
        self._give_up = order.send_at + order.timing.late_deadline
        self._sent: tuple[Marker, ...] = tuple(
            marker
            for marker in opened.unclosed
            # The database's word counts where this host's clock is behind.
            if (marker.send_at <= self._met_at or marker.lease is LeaseState.LAPSED)
            and marker.lease is not LeaseState.LAPSED_UNFIRED
            and not self._long_ago(marker)
        )

    def _long_ago(self, marker: Marker) -> bool:
        nobodys = marker.lease is LeaseState.NONE and marker.lease_id is None
        return nobodys and marker.send_at + LISTED_BY_THEN < self._met_at

    @property
    def any(self) -> bool:
        """Whether something must be looked up before anything is sent."""
        return bool(self._unclosed)

    @property
    def may_have_sent(self) -> bool:
        """Whether one of them lived to its send time, not long ago. The others died armed."""
        return bool(self._sent)

    @property
    def since(self) -> datetime:
        """From when on the provider may know something."""
        return min(marker.opened_at for marker in self._unclosed)

    @property
    def first_send(self) -> datetime:
        """The earliest instant at which one of them may have sent."""
        return min(marker.send_at for marker in self._unclosed)

    async def settle(self, reconcile: Reconcile) -> Found | None:
        """What became of them; their markers are closed when nothing did.

        One that may have sent is given the quiet period: its booking may be listed late.
        None when the provider gave no answer and it is too late to ask again.

        Raises:
            Unavailable: no answer yet, or one of them is still at work; look again later.
        """
        if any(self._alive_elsewhere(marker) for marker in self._unclosed):
            raise Unavailable("an earlier attempt is still armed in another process")
        quiet = self._order.timing.quiet_period if self._sent else timedelta()
        found = await reconcile(self.since, self._met_at + quiet)
        if found is None:
            if self._met_at > self._give_up:
                return None
            raise Unavailable("no answer while an earlier attempt is unclear")
        if found.nothing:
            await self._close()
        return found

    def _alive_elsewhere(self, marker: Marker) -> bool:
        held = marker.lease is LeaseState.HELD and marker.lease_id != self._lease_id
        # A retried attempt keeps the send time and has its tries all the same.
        begun = max(marker.send_at, marker.opened_at)
        return held and self._met_at < begun + self._order.timing.opening_grace + LONGEST_CALL

    async def _close(self) -> None:
        for marker in self._unclosed:
            # One that surely did not send: closing it uses up no second send.
            outcome = "nothing_found" if marker in self._sent else "released"
            try:
                await self._records.close_attempt(
                    self._order.registration_id, marker.fence, outcome, "reconciled by look-up"
                )
            except Conflict as closed:
                raise Unavailable("an earlier attempt ended itself meanwhile") from closed
