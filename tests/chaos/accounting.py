"""What became of the registrations of a soak, by what their parents did."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from uuid import UUID

from tests.chaos.evidence import Evidence, Findings
from tests.chaos.soak_plan import Planned


def accounts(planned: Mapping[UUID, Planned], findings: Findings) -> list[str]:
    """One line for each class of registrations: how many, and how they ended."""
    ends: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for registration, one in planned.items():
        evidence = findings.registrations.get(registration)
        ends[one.story.name][_end(evidence)] += 1
    lines = [
        f"  {name:30} {sum(count.values()):6,}: "
        + ", ".join(f"{number:,} {end}" for end, number in count.most_common())
        for name, count in sorted(ends.items())
    ]
    faults = Counter(len(one.knobs) for one in planned.values())
    lines.append("  faults met: " + ", ".join(f"{faults[n]:,} with {n}" for n in sorted(faults)))
    return lines


def _end(evidence: Evidence | None) -> str:
    if evidence is None:
        return "lost"
    row = evidence.row
    if row.status == "completed":
        return f"booked, fee {row.fee_status}"
    return f"{row.status} {row.failure_code}" if row.failure_code else row.status
