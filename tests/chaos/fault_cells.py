"""The cells of the fault matrix: every knob alone, and every two of them."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from tests.chaos.cells import UnknownCell
from tests.chaos.knobs import READS, Knob, knobs

LOOKED_UP = "bookeo."


@dataclass(frozen=True)
class FaultCell:
    """What one registration meets."""

    knobs: tuple[Knob, ...]

    @property
    def name(self) -> str:
        """By which it is run alone."""
        return "+".join(knob.name for knob in self.knobs)


def every_cell() -> list[FaultCell]:
    """All of them, in a stable order.

    What the account reads is paired with what befalls the booking: only a doubt is looked up.
    """
    alone = knobs()
    pairs = [pair for pair in combinations(alone, 2) if _tell_on_each_other(*pair)]
    return [FaultCell((one,)) for one in alone] + [FaultCell(pair) for pair in pairs]


def chosen(names: Sequence[str]) -> list[FaultCell]:
    """The cells of those names, in any order of their knobs; of one knob's name, that alone.

    Raises:
        UnknownCell: one names none.
    """
    by_name = {knob.name: knob for knob in knobs()}
    found: list[FaultCell] = []
    for name in names:
        parts = name.split("+")
        if unknown := [part for part in parts if part not in by_name]:
            raise UnknownCell(f"There is no knob {unknown[0]!r}; --list shows them all.")
        found.append(FaultCell(tuple(by_name[part] for part in parts)))
    return found


def sample(count: int, seed: int) -> list[FaultCell]:
    """So many of them, the same for the same seed."""
    return random.Random(seed).sample(every_cell(), count)  # noqa: S311 - repeatable


def _tell_on_each_other(one: Knob, other: Knob) -> bool:
    reads = [knob.name.startswith(READS) for knob in (one, other)]
    if not any(reads):
        return True
    return not all(reads) and (one if reads[1] else other).name.startswith(LOOKED_UP)
