"""What somebody asked for, was answered, and did not get."""

from collections.abc import Mapping
from uuid import UUID

from domain.states import FeeStatus, RegistrationStatus
from tests.chaos.evidence import Findings
from tests.chaos.invariants import Violation
from tests.chaos.stories import Story


def left_undone(findings: Findings, told: Mapping[UUID, Story]) -> list[Violation]:
    """Registrations that ended as if the last word of their story had not been said."""
    found: list[Violation] = []
    for registration, story in told.items():
        evidence = findings.registrations.get(registration)
        if evidence is None:
            continue
        row = evidence.row
        if story.undone(RegistrationStatus(row.status), FeeStatus(row.fee_status)):
            said = f"{story.name}, but it is {row.status} and its fee {row.fee_status}"
            found.append(Violation(registration, f"{row.code}: {said}"))
    return found
