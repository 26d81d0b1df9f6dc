"""How findings are shown."""

from collections.abc import Sequence

from console.doctor.findings import Finding, State
from console.output import print_table


def print_findings(found: Sequence[Finding]) -> None:
    """One line each: its name, its state, what was found and what to do."""
    print_table(
        ["Check", "State", "What was found, and what to do"],
        [
            [one.name, shown(one.state), " ".join(filter(None, (one.sentence, one.remedy)))]
            for one in found
        ],
    )


def shown(state: State) -> str:
    """In capitals where somebody must act: a table has no colours."""
    return state.value.upper() if state is State.FAIL else state.value
