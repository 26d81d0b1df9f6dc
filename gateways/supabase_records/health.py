from pydantic import TypeAdapter

from domain.health import HealthQuestion, HealthReport
from gateways.supabase_records.client import DataApiClient

_REPORT = TypeAdapter(HealthReport)


class Health(DataApiClient):
    """The database about itself."""

    async def health_report(self, question: HealthQuestion) -> HealthReport:
        return await self._call("health_report", _REPORT, question=question)
