"""What a scenario is, and what it finds."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bench.figures import Machine
from bench.systems import Ground
from domain.frozen import Frozen
from domain.timing import Timing

Figure = float | int | str | None


class Check(Frozen):
    """One promise, with what was measured of it."""

    promise: str
    measured: str
    kept: bool


class Finding(Frozen):
    """The outcome of a scenario."""

    scenario: str
    checks: tuple[Check, ...]
    figures: dict[str, Figure]

    @property
    def kept(self) -> bool:
        """Whether every promise was."""
        return all(check.kept for check in self.checks)

    def in_words(self) -> str:
        """Every check and figure on a line of its own."""
        lines = [f"{self.scenario}: {'kept' if self.kept else 'NOT KEPT'}"]
        lines += [
            f"  {'ok ' if check.kept else 'NOT'} {check.promise}: {check.measured}"
            for check in self.checks
        ]
        lines += [f"      {name} = {value}" for name, value in self.figures.items()]
        return "\n".join(lines)


Play = Callable[[Ground, int, bool], Awaitable[Finding]]


@dataclass(frozen=True)
class Scenario:
    """A named measurement of some promises."""

    name: str
    about: str
    play: Play
    """Given the ground, how many registrations, and whether the provider speaks TLS."""
    n: int
    """How many registrations, unless asked otherwise."""
    timing: Timing
    accounts: Callable[[int], int]
    """How many provider accounts so many registrations need."""


def sheet(found: Sequence[tuple[Scenario, Finding]], machine: Machine) -> str:
    """What was promised and measured, in Markdown."""
    parts = ["# Outages, clocks, accounts and waiting"]
    for scenario, finding in found:
        lines = [f"## {scenario.about[0].upper()}{scenario.about[1:]}", ""]
        lines += ["| promised | measured | |", "|---|---|---|"]
        lines += [
            f"| {check.promise} | {check.measured} | {'kept' if check.kept else '**not kept**'} |"
            for check in finding.checks
        ]
        figures = (f"`{name}` {value}" for name, value in finding.figures.items())
        parts += ["\n".join(lines), ", ".join(figures) + "."]
    return "\n\n".join([*parts, f"{machine.in_words()}."]) + "\n"
