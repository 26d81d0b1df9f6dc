"""What an operator's look reads in one question, whatever the number of registrations."""

from datetime import timedelta
from typing import Protocol
from uuid import UUID

from domain.ledger import Ledger
from domain.openings import Openings


class OperatorRecords(Protocol):
    """Reads for the operator's command line alone."""

    async def openings(self, within: timedelta, limit: int) -> Openings:
        """Registrations under way whose openings come within that time, at most `limit`.

        Where people cannot be read with the keys of this program, the rest is read all the same.
        """
        ...

    async def ledger(self, registration_id: UUID) -> Ledger:
        """What was tried, charged, given back and told. Needs no key of people's fields.

        Raises:
            RecordMissing: there is no such registration.
        """
        ...
