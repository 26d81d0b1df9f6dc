"""The workflows that each task queue serves: for the worker, and for whoever replays."""

from collections.abc import Mapping

from workflows.cancellation import CancellationWorkflow
from workflows.provider_notice import ProviderNoticed
from workflows.queues import MAINTENANCE, REGISTRATIONS
from workflows.registration import RegistrationWorkflow
from workflows.review_workflow import ReviewWorkflow
from workflows.schedules import JOBS
from workflows.subscriptions import StripeEventWorkflow


def _name(each: type) -> str:
    # Where the SDK keeps it; it has no other way to ask.
    return getattr(each, "__temporal_workflow_definition").name


# Each once, though two jobs may start the same for what they work on.
_OF_JOBS = tuple(dict.fromkeys(each for job in JOBS for each in (job.workflow, *job.children)))

SERVED: Mapping[str, tuple[type, ...]] = {
    REGISTRATIONS: (RegistrationWorkflow, ReviewWorkflow, CancellationWorkflow),
    MAINTENANCE: (*_OF_JOBS, ProviderNoticed, StripeEventWorkflow),
}

EVERY = tuple(each for queue in SERVED.values() for each in queue)
"""Every workflow there is."""

NAMES: Mapping[str, type] = {_name(each): each for each in EVERY}
"""By the name that histories know it by."""
