"""What the Dockerfile says, and the files that an image of it holds."""

import re
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from tests.house.tree import ROOT, own_files, read

DOCKERFILE, IGNORED = Path("Dockerfile"), Path(".dockerignore")


@dataclass
class Stage:
    """One `FROM` of the Dockerfile, and what follows it."""

    name: str
    base: str
    instructions: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """Each word of Docker's, with the rest of its line; continued lines are one."""

    def all_of(self, word: str) -> list[str]:
        return [rest for each, rest in self.instructions if each == word]


def stages() -> dict[str, Stage]:
    """Every stage by its name, in order."""
    found: dict[str, Stage] = {}
    lines = re.sub(r"^\s*#.*\n", "", read(DOCKERFILE), flags=re.MULTILINE)
    for line in re.sub(r"\\\n", " ", lines).splitlines():
        word, _, rest = line.strip().partition(" ")
        if word == "FROM":
            base, name = rest.split(" AS ")
            found[name] = Stage(name, base)
        elif word and found:
            list(found.values())[-1].instructions.append((word, rest))
    return found


def chain(name: str) -> list[Stage]:
    """The stage after those that it is built on."""
    known = stages()
    found: list[Stage] = []
    while name in known:
        found.insert(0, known[name])
        name = known[name].base
    return found


def copied(name: str) -> set[str]:
    """What the stage and those below copy out of the project, as the Dockerfile names it."""
    lines = [line for stage in chain(name) for line in stage.all_of("COPY")]
    return {
        word.rstrip("/")
        for line in lines
        if not line.startswith("--from=")
        for word in line.split()[:-1]
    }


def held(name: str) -> list[Path]:
    """The project's files that are in the image of that stage, each in its place under /app."""
    roots = copied(name)
    return [
        file
        for file in own_files()
        if not roots.isdisjoint({str(file), *map(str, file.parents)}) and is_sent(file)
    ]


def is_sent(file: Path) -> bool:
    """Whether Docker is sent the file at all: the last pattern of .dockerignore that fits decides.

    Of Docker's patterns those that are used: `*`, a name, `**/` before a name, `!` for what is sent
    after all.
    """
    sent = True
    for line in read(IGNORED).splitlines():
        pattern = line.strip().rstrip("/")
        if pattern and not pattern.startswith("#") and _fits(file, pattern.removeprefix("!")):
            sent = pattern.startswith("!")
    return sent


def _fits(file: Path, pattern: str) -> bool:
    anywhere = pattern.startswith("**/")
    names = [str(each) for each in (file, *file.parents) if each != Path()]
    if anywhere:
        return any(fnmatch(part, pattern.removeprefix("**/")) for part in file.parts)
    return any(fnmatch(name, pattern) for name in names if "/" not in name or "/" in pattern)


def put_together(name: str, folder: Path) -> None:
    """Copy what the image of that stage holds of the project into the folder."""
    for file in held(name):
        target = folder / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / file).read_bytes())
