"""What the provider's own ledger says of a run."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from bench.provider import Provider
from sandbox.simulator.control import LedgerEntry

BOOK = "POST /v2/bookings"


class Arrivals(NamedTuple):
    """Of the references asked for."""

    requests: Mapping[str, Sequence[LedgerEntry]]
    """Requests to book of each reference, oldest first."""
    live: Mapping[str, int]
    """Bookings of each reference that are not cancelled."""

    def after(self, due: Mapping[str, datetime]) -> dict[str, float]:
        """Milliseconds from the instant when each was due to its first request's arrival."""
        return {
            reference: found[0].arrived_ms - due[reference].timestamp() * 1_000
            for reference, found in self.requests.items()
        }

    def once(self) -> dict[str, int]:
        """How many references have none, one, several live bookings."""
        words = ("none", "one")
        counts = Counter(
            words[number] if number < len(words) else "several" for number in self.live.values()
        )
        return dict(counts)


class Ledger:
    """Reads what came since it was last read: a ledger of many runs grows long."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._read_up_to = 0

    def read(self, references: Sequence[str]) -> Arrivals:
        """The arrivals of these references, which are not older than the last reading."""
        wanted = set(references)
        requests: dict[str, list[LedgerEntry]] = {}
        with self._provider.control() as control:
            for entry in control.requests(after_id=self._read_up_to):
                self._read_up_to = max(self._read_up_to, entry.id)
                if entry.endpoint == BOOK and entry.reference in wanted:
                    requests.setdefault(entry.reference, []).append(entry)
            live = Counter(
                booking.external_ref for booking in control.bookings() if not booking.canceled
            )
        ordered = {
            reference: sorted(found, key=lambda entry: entry.arrived_ms)
            for reference, found in requests.items()
        }
        return Arrivals(ordered, {reference: live[reference] for reference in references})
