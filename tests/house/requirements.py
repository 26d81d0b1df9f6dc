"""What pyproject.toml asks for, and what the locks hold."""

import operator
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.house.tree import read

LOCKS = ("requirements.lock", "requirements-sandbox.lock", "requirements-dev.lock")
BOOTSTRAP = "requirements-bootstrap.lock"
PINNED = re.compile(r"^(?P<name>[\w.-]+)(?:\[[\w,-]+\])?==(?P<version>[^\s;\\]+)", re.MULTILINE)

Comparison = Callable[[tuple[int, ...], tuple[int, ...]], bool]
COMPARISONS: dict[str, Comparison] = {
    "==": operator.eq,
    ">=": operator.ge,
    "<": operator.lt,
}


class Asked(NamedTuple):
    """One direct dependency, such as `pydantic[email]>=2.14,<3`."""

    name: str
    bounds: tuple[tuple[str, str], ...]

    def allows(self, version: str) -> bool:
        return all(
            COMPARISONS[sign](_numbers(version), _numbers(bound)) for sign, bound in self.bounds
        )


def _numbers(version: str) -> tuple[int, ...]:
    released = re.split(r"[ab]|rc", version)[0]  # some packages know nothing but pre-releases
    numbers = [int(part) for part in released.split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _asked(line: str) -> Asked:
    name = re.match(r"[\w.-]+", line)
    assert name is not None, line
    bounds = re.findall(r"(==|>=|<)([\d.]+)", line)
    return Asked(normalised(name[0]), tuple(bounds))


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def asked_for() -> dict[str, list[Asked]]:
    """By extra; the application's own under the empty name."""
    project = tomllib.loads(read(Path("pyproject.toml")))["project"]
    lines: dict[str, list[str]] = {
        "": project["dependencies"],
        **project["optional-dependencies"],
    }
    return {extra: [_asked(line) for line in asked] for extra, asked in lines.items()}


def locked(lock: str) -> dict[str, str]:
    """The versions that a lock file holds."""
    found = PINNED.finditer(read(Path(lock)))
    return {normalised(pin["name"]): pin["version"] for pin in found}
