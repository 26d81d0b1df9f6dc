"""The project's own files, as a fresh clone has them."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

_NOT_OURS = {".git", ".venv", ".sandbox", ".drill", "node_modules", "__pycache__"}
_CACHES = {".pytest_cache", ".ruff_cache", ".hypothesis"}
_LOCAL = {".env"}


def _walk(folder: Path) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()):
        if entry.name in _NOT_OURS | _CACHES | _LOCAL:
            continue
        if entry.is_dir():
            yield from _walk(entry)
        else:
            yield entry


@cache
def own_files() -> tuple[Path, ...]:
    """Every file of ours, relative to the root."""
    return tuple(file.relative_to(ROOT) for file in _walk(ROOT))


def read(file: Path) -> str:
    return (ROOT / file).read_text()


def python_files() -> list[Path]:
    return [file for file in own_files() if file.suffix == ".py"]


def unit(file: Path) -> str:
    """The package or the single module at the root that the file belongs to."""
    return file.parts[0].removesuffix(".py")


@cache
def imports(file: Path) -> frozenset[str]:
    """The dotted names that the file imports, wherever in it; `from a import b` gives `a.b`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(read(file))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = file.parts[: -node.level]
                base = ".".join([*package, *filter(None, [node.module])])
            found |= {f"{base}.{alias.name}" for alias in node.names}
    return frozenset(found)
