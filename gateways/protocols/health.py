"""How the database stands, for the operator's doctor."""

from typing import Protocol

from domain.health import HealthQuestion, HealthReport


class HealthRecords(Protocol):
    """The database about itself."""

    async def health_report(self, question: HealthQuestion) -> HealthReport:
        """Who calls, what may be done, which schema stands, and what is not as it should be.

        Raises:
            RecordsMisconfigured: the key may not ask, or the schema is older than this release.
        """
        ...
