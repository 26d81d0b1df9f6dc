"""What leaves a doubt about a registration that its own sends do not show."""

from collections.abc import Callable, Iterable
from uuid import UUID

from tests.chaos.evidence import Evidence
from tests.chaos.invariants import Doubted
from tests.chaos.knobs import Knob
from tests.chaos.outside import Outside

DOUBTED = frozenset({"data_api.conflict"})
"""A row that cannot be written goes to a person, whatever the provider said."""


def doubts(outside: Outside, met: Callable[[UUID], Iterable[Knob]]) -> Doubted:
    """A fault of its own, or another's that ended the organiser's system under it.

    Args:
        outside: which knows when that was away.
        met: the faults that a registration meets.
    """

    def doubted(registration: UUID, evidence: Evidence) -> bool:
        row = evidence.row
        known = any(knob.name in DOUBTED for knob in met(registration))
        return known or outside.away.met(row.first_marker, row.last_marker)

    return doubted
