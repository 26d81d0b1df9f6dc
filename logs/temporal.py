"""Temporal's own loggers: what they know of the work goes into fields, not into the words."""

import logging
from collections.abc import Mapping

from structlog.typing import EventDict, WrappedLogger
from temporalio import activity, workflow
from temporalio.runtime import LogForwardingConfig, LoggingConfig, TelemetryFilter

CORE_LOG = LoggingConfig(
    filter=TelemetryFilter(core_level="WARN", other_level="ERROR"),
    forwarding=LogForwardingConfig(
        logging.getLogger("temporalio.core"),
        append_target_to_name=False,
        prepend_target_on_message=False,
        append_log_fields_to_message=False,
    ),
)
"""What the SDK's core has to say becomes lines of ours, without the fields, which quote failures.

By itself it prints all of it on standard output, where a program's answer goes.
"""

_FIELDS = {
    "activity_type": "activity",
    "workflow_type": "workflow",
    "workflow_id": "workflow_id",
    "attempt": "attempt",
}
"""What is taken of the SDK's details, and what it is called in our lines."""


def of_temporal(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """The line with which activity or workflow it is about."""
    for extra in ("temporal_workflow", "temporal_activity"):
        details: Mapping[str, object] = getattr(line["_record"], extra, None) or {}
        line.update(
            (ours, details[theirs]) for theirs, ours in _FIELDS.items() if theirs in details
        )
    return line


def without_repetition() -> None:
    """Let the SDK's loggers say what they are told, and no failed attempt twice. Repeatable."""
    activity.logger.activity_info_on_message = False
    workflow.logger.workflow_info_on_message = False
    activity.logger.base_logger.addFilter(_told_by_our_own_line)


def _told_by_our_own_line(record: logging.LogRecord) -> bool:
    return getattr(record, "__temporal_error_identifier", None) != "ActivityFailure"
