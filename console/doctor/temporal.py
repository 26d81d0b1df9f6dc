"""Temporal: is it there, does it know our namespace, and what may we do."""

from datetime import timedelta

from temporalio.service import RPCError, RPCStatusCode

from console.doctor.examination import Check
from console.doctor.findings import Finding, failed, passed, some, warned
from console.doctor.patient import Patient
from console.namespace import missing_search_attributes

NOBODY = "doctor-nobody"
"""The id of a workflow that never was."""

LEAST_RETENTION = timedelta(days=30)
"""As long as a registration may wait for a person (`Timing.settlement`): a run that Temporal has
forgotten cannot be compared with its audit trail."""


async def _connection(patient: Patient) -> list[Finding]:
    client = await patient.temporal.own()
    try:
        described = await patient.namespace.own()
    except RPCError as refused:
        return [
            failed(
                "temporal.connection",
                f"Temporal answers, and shows no namespace {client.namespace} "
                f"({refused.status.name}).",
                "Correct TEMPORAL_NAMESPACE, create the namespace, or let our key see it.",
            )
        ]
    kept = described.config.workflow_execution_retention_ttl.ToTimedelta()
    return [
        passed("temporal.connection", f"Temporal answers; the namespace is {client.namespace}."),
        _retention(kept),
    ]


def _retention(kept: timedelta) -> Finding:
    days = f"{kept / timedelta(days=1):g} days"
    if kept >= LEAST_RETENTION:
        return passed("temporal.retention", f"Runs that have ended are kept for {days}.")
    return warned(
        "temporal.retention",
        f"Runs that have ended are kept for {days} only; then their audit trails are compared "
        "with nothing any more.",
        f"Raise the namespace's retention to {LEAST_RETENTION.days} days.",
    )


async def _permissions(patient: Patient) -> list[Finding]:
    await patient.namespace.needed()
    client = await patient.temporal.needed()
    name = "temporal.permissions"
    try:
        # Asks to change what is not there: answered NOT_FOUND to whoever may change things.
        await client.get_workflow_handle(NOBODY).cancel(rpc_timeout=patient.within)
    except RPCError as refused:
        if refused.status is RPCStatusCode.PERMISSION_DENIED:
            return [
                failed(
                    name,
                    "Our key may read the namespace and change nothing in it.",
                    "Give the key of TEMPORAL_API_KEY the right to write in the namespace.",
                )
            ]
        if refused.status is not RPCStatusCode.NOT_FOUND:
            raise
    return [passed(name, "Our key may change the namespace's workflows.")]


async def _search_attributes(patient: Patient) -> list[Finding]:
    await patient.namespace.needed()
    missing = await patient.answer(missing_search_attributes(await patient.temporal.needed()))
    if missing:
        return [
            failed(
                "temporal.search_attributes",
                f"The namespace does not know {some(key.name for key in missing)}: "
                "no registration can start.",
                "Run python starter.py deploy.",
            )
        ]
    return [passed("temporal.search_attributes", "The namespace knows all of ours.")]


CHECKS = (
    Check(
        "temporal.connection",
        _connection,
        "Bring Temporal back, or correct TEMPORAL_ADDRESS, TEMPORAL_API_KEY, TEMPORAL_TLS_*.",
    ),
    Check("temporal.permissions", _permissions, "Look at the rights of our key in Temporal."),
    Check(
        "temporal.search_attributes",
        _search_attributes,
        "Look at the rights of our key in Temporal, then run python starter.py deploy.",
    ),
)
