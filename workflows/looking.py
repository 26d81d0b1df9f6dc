"""Looking ahead, without ever making the look itself a reason to fail."""

from datetime import datetime
from uuid import UUID

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from domain.identifiers import operation_key
    from domain.looking_ahead import Moment, PreflightOrder, PreflightReport
    from workflows import steps


class Looking:
    """The preflights of one registration."""

    def __init__(self, registration_id: UUID) -> None:
        self._registration_id = registration_id

    async def look(self, moment: Moment, due: datetime) -> PreflightReport:
        """What would stop the booking; a look that did not finish is no verdict, and `book` asks
        for permission and price itself.

        Known by when it was due: a run that takes over from another looks at other times, and
        what it finds must be told.
        """
        order = PreflightOrder(
            registration_id=self._registration_id,
            moment=moment,
            operation_key=operation_key(self._registration_id, "preflight", int(due.timestamp())),
        )
        try:
            return await steps.preflight(order)
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            return PreflightReport()
