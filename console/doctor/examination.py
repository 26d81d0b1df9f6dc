"""Every check at once; none can hang, and none can throw."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass

from temporalio.service import RPCError

from console.doctor.findings import Finding, NotChecked, failed, not_checked
from console.doctor.patient import Patient, Program
from console.running import explained, reported
from domain.errors import OutsideError

SLOWEST = 5
"""So many answers from outside a check waits for, one after the other, at the most."""


@dataclass(frozen=True)
class Check:
    """One subject to look at.

    Attributes:
        name: of its finding, where the look itself comes to nothing.
        look: what was found. NotChecked where something that it needs is not to be had; any other
            error is a failure.
        remedy: what to do about such a failure.
        programs: whose it is.
    """

    name: str
    look: Callable[[Patient], Awaitable[Sequence[Finding]]]
    remedy: str
    programs: Collection[Program] = tuple(Program)


async def examine(patient: Patient, checks: Sequence[Check]) -> list[Finding]:
    """What the checks of the patient's programs found, in their order."""
    chosen = [check for check in checks if set(check.programs) & set(patient.programs)]
    found = await asyncio.gather(*(_bounded(patient, check) for check in chosen))
    return [finding for findings in found for finding in findings]


async def _bounded(patient: Patient, check: Check) -> Sequence[Finding]:
    try:
        async with asyncio.timeout(SLOWEST * patient.within.total_seconds()):
            return await check.look(patient)
    except NotChecked as because:
        return [not_checked(check.name, because)]
    except Exception as failure:  # noqa: BLE001 - whatever it is, it is a line
        return [failed(check.name, in_words(failure), check.remedy)]


def in_words(failure: Exception) -> str:
    """What went wrong. What is unforeseen may quote a row or a key: only its type and place."""
    match failure:
        case OutsideError():
            return explained(failure)
        case RPCError():
            return f"Temporal refused: {failure.status.name}."
        case TimeoutError():
            return "There was no answer in time."
        case _:
            return reported(failure)
