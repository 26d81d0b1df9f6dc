"""What the workflows themselves say of their registrations, and where a person sees them."""

from datetime import timedelta
from typing import Self
from urllib.parse import quote
from uuid import UUID

from temporalio.client import Client, WorkflowQueryFailedError, WorkflowQueryRejectedError
from temporalio.service import RPCError, RPCStatusCode

from console.doors import Doors
from console.kept_heads import audit_heads
from domain.contracts import RegistrationView
from domain.errors import PayloadError, WorkflowsUnreachable
from domain.frozen import Frozen
from domain.identifiers import registration_workflow_id
from settings import SettingsError, WebUiSettings
from workflows.registration import RegistrationWorkflow

ANSWER_WITHIN = timedelta(seconds=5)
"""A worker that runs answers in milliseconds, after a restart of it within a second."""

NO_RUN = (
    "Temporal keeps no run of it: it was never confirmed, it ended longer ago than Temporal keeps "
    "histories, or TEMPORAL_NAMESPACE names another namespace."
)


class WorkflowAnswer(Frozen):
    """The workflow's own view of a registration, or why there is none."""

    view: RegistrationView | None = None
    note: str | None = None
    """Why there is no view, in an operator's words."""


class Workflows:
    """The registrations' workflows, as far as Temporal and a worker answer."""

    def __init__(self, client: Client | None, silence: str | None = None) -> None:
        """`silence` says why nobody answers; None while somebody may."""
        self._client = client
        self._silence = silence

    @classmethod
    async def reach(cls, doors: Doors) -> Self:
        """Connect; where that fails, every answer says so."""
        try:
            return cls(await doors.temporal())
        except (SettingsError, WorkflowsUnreachable) as failure:
            return cls(None, str(failure))

    async def status(self, registration_id: UUID) -> WorkflowAnswer:
        """Ask the registration's workflow. Once nobody answers, nobody is asked any more."""
        if self._client is None or self._silence is not None:
            return WorkflowAnswer(note=self._silence)
        handle = self._client.get_workflow_handle_for(
            RegistrationWorkflow.run, registration_workflow_id(registration_id)
        )
        try:
            view = await handle.query(RegistrationWorkflow.status, rpc_timeout=ANSWER_WITHIN)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return WorkflowAnswer(note=NO_RUN)
            self._silence = f"No worker answers for the workflows ({error.status.name})."
            return WorkflowAnswer(note=self._silence)
        except (WorkflowQueryFailedError, WorkflowQueryRejectedError):
            return WorkflowAnswer(note="Its workflow could not answer; look at it in the Web UI.")
        except PayloadError as error:
            return WorkflowAnswer(note=f"What its workflow answers cannot be read here: {error}.")
        return WorkflowAnswer(view=view)

    async def heads(self, registration_id: UUID) -> list[str]:
        """Every audit head in the workflow's history, oldest first; none where it cannot be had.

        Read from the history itself: no worker need be trusted, nor run.
        """
        if self._client is None:
            return []
        handle = self._client.get_workflow_handle(registration_workflow_id(registration_id))
        try:
            history = await handle.fetch_history()
            return await audit_heads(history, self._client.data_converter)
        except (RPCError, PayloadError):
            return []

    def link(self, registration_id: UUID) -> str | None:
        """The run in Temporal's Web UI, where TEMPORAL_UI_URL says where that is.

        Raises:
            SettingsError: TEMPORAL_UI_URL is malformed.
        """
        settings = WebUiSettings.load()
        if settings.temporal_ui_url is None:
            return None
        connected = self._client.namespace if self._client is not None else None
        namespace = quote(connected or settings.temporal_namespace, safe="")
        workflow_id = registration_workflow_id(registration_id)
        return f"{settings.temporal_ui_url}/namespaces/{namespace}/workflows/{workflow_id}"
