"""What to say where Temporal refuses an operator's command."""

from collections.abc import Generator
from contextlib import contextmanager

from temporalio.client import Client
from temporalio.service import RPCError

from domain.errors import WorkflowsUnreachable


@contextmanager
def answering(client: Client, about: str) -> Generator[None]:
    """Where Temporal refuses or does not answer, says so in a sentence.

    Raises:
        WorkflowsUnreachable: it did; the same may be asked again.
    """
    try:
        yield
    except RPCError as error:
        raise WorkflowsUnreachable(
            f"Temporal did not take {about} of namespace {client.namespace} "
            f"({error.status.name}). Does the namespace exist, and may our key change it?"
        ) from error
